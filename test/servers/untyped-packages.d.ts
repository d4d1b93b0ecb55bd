// Old packages that bring no types along, as far as the tests use them.

declare module 'mongodb-3' {
  const mongodb: typeof import('mongodb');
  export default mongodb;
}
