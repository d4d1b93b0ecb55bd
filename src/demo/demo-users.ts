import type { StoredUser } from './user-records.ts';

/** The users of the demo, with the passwords that the documentation names. They exist nowhere else. */
export const demoUsers: readonly { user: StoredUser; password: string }[] = [
  {
    user: {
      user_id: '42',
      email: 'jane@example.com',
      email_verified: true,
      name: 'Jane Doe',
      given_name: 'Jane',
      family_name: 'Doe',
    },
    password: 'janes-demo-password',
  },
  {
    user: {
      user_id: '43',
      email: 'john@example.com',
      email_verified: true,
      username: 'john',
      name: 'John Roe',
      user_metadata: { language: 'en' },
    },
    password: 'johns-demo-password',
  },
  {
    user: { user_id: '44', phone_number: '+15550100', phone_verified: true, name: 'Phone Only' },
    password: 'phones-demo-password',
  },
];
