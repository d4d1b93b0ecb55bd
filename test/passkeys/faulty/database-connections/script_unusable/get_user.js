const users = [];
