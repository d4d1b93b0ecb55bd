// The indexes that these scripts rely on: without them a taken identifier is not noticed.
//   mongosh "mongodb+srv://…/<database>" indexes.js

// Sparse: any number of users may have no email address, no username or no phone number.
db.users.createIndex({ email_key: 1 }, { unique: true, sparse: true });
db.users.createIndex({ username: 1 }, { unique: true, sparse: true });
db.users.createIndex({ phone_number: 1 }, { unique: true, sparse: true });

// Users that come from elsewhere are found by email address only once they have an email_key:
// db.users.updateMany({ email: { $type: 'string' } }, [{ $set: { email_key: { $toLower: '$email' } } }]);
