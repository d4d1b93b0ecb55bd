import { createHmac, randomUUID } from 'node:crypto';
import { type SeenRequest, startUpstream, type Upstream } from '../../service/upstream.ts';
import { checkAwsSignature } from './check-aws-signature.ts';

interface PoolUser {
  username: string;
  attributes: Map<string, string>;
  password: string | undefined;
  status: 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD';
}

export const cognitoPool = {
  region: 'eu-central-1',
  poolId: 'eu-central-1_TestPool1',
  clientId: 'the-client-id',
  clientSecret: 'the-client-secret',
  accessKeyId: 'AKIATESTTESTTESTTEST',
  secretAccessKey: 'the-secret-access-key',
};

/** The challenge, or the refusal by this name, that the right password of a username meets. */
export type Obstacle = { challenge: string } | { refusal: string };

export interface FakeCognito extends AsyncDisposable {
  upstream: Upstream;
  obstacles: Map<string, Obstacle>;
  /** Puts a user there as other software left it. */
  add(username: string, password: string, attributes: Record<string, string>): void;
}

class Refusal extends Error {
  readonly type: string;
  constructor(type: string, message: string = type) {
    super(message);
    this.type = type;
  }
}

interface NameAndValue {
  Name: string;
  Value: string;
}

/** Only of the operations that are called here. */
interface Parameters {
  UserPoolId: string;
  Username: string;
  Password: string;
  Permanent: boolean;
  Filter: string;
  MessageAction?: string;
  UserAttributes: NameAndValue[];
  AuthFlow: string;
  ClientId: string;
  AuthParameters: { USERNAME: string; PASSWORD: string; SECRET_HASH?: string };
}

/**
 * An Amazon Cognito user pool with usernames, no aliases and case-sensitive look-ups, as far as user stores call it:
 * the JSON protocol with its signatures and exceptions, a password policy, the client's secret.
 */
export async function startFakeCognito(): Promise<FakeCognito> {
  const users = new Map<string, PoolUser>();
  const obstacles = new Map<string, Obstacle>();

  const wire = (user: PoolUser) => ({
    Username: user.username,
    Enabled: true,
    UserStatus: user.status,
    Attributes: [...user.attributes].map(([Name, Value]) => ({ Name, Value })),
  });

  function existing(username: string): PoolUser {
    const user = users.get(username);
    if (!user) throw new Refusal('UserNotFoundException', 'User does not exist.');
    return user;
  }

  function setAttributes(user: PoolUser, attributes: NameAndValue[]): void {
    for (const { Name, Value } of attributes) {
      if (typeof Value !== 'string' || Value.length > 2048)
        throw new Refusal('InvalidParameterException', `Attribute ${Name}`);
      user.attributes.set(Name, Value);
    }
  }

  function listUsers({ Filter }: Parameters) {
    const filter = /^(\w+) = "((?:[^"\\]|\\["\\])*)"$/.exec(Filter);
    if (!filter) throw new Refusal('InvalidParameterException', 'Error while parsing filter.');
    const [, name = '', escaped = ''] = filter;
    const value = escaped.replaceAll(/\\(.)/g, '$1');
    const found = [...users.values()].filter(
      (user) => (name === 'username' ? user.username : user.attributes.get(name)) === value,
    );
    return { Users: found.map(wire) };
  }

  function createUser({ Username, UserAttributes, MessageAction }: Parameters) {
    if (MessageAction !== 'SUPPRESS') throw new Refusal('CodeDeliveryFailureException');
    if (users.has(Username)) throw new Refusal('UsernameExistsException', 'User account already exists');
    if (/\s/.test(Username)) throw new Refusal('InvalidParameterException');
    const user: PoolUser = {
      username: Username,
      attributes: new Map([['sub', randomUUID()]]),
      password: undefined,
      status: 'FORCE_CHANGE_PASSWORD',
    };
    setAttributes(user, UserAttributes);
    users.set(Username, user);
    return { User: wire(user) };
  }

  function setPassword({ Username, Password, Permanent }: Parameters) {
    const user = existing(Username);
    if (Password.length < 8) throw new Refusal('InvalidPasswordException', 'Password not long enough');
    user.password = Password;
    if (Permanent) user.status = 'CONFIRMED';
    return {};
  }

  function initiateAuth({ AuthFlow, ClientId, AuthParameters }: Parameters) {
    const { USERNAME, PASSWORD, SECRET_HASH } = AuthParameters;
    const hash = createHmac('sha256', cognitoPool.clientSecret)
      .update(USERNAME + cognitoPool.clientId)
      .digest('base64');
    if (ClientId !== cognitoPool.clientId || AuthFlow !== 'ADMIN_USER_PASSWORD_AUTH')
      throw new Refusal('ResourceNotFoundException');
    if (SECRET_HASH !== hash)
      throw new Refusal('NotAuthorizedException', `Unable to verify secret hash for client ${ClientId}`);
    const user = users.get(USERNAME);
    // As a pool with PreventUserExistenceErrors answers.
    if (!user || user.password !== PASSWORD)
      throw new Refusal('NotAuthorizedException', 'Incorrect username or password.');
    const obstacle = obstacles.get(USERNAME);
    if (obstacle && 'refusal' in obstacle) throw new Refusal(obstacle.refusal);
    if (obstacle)
      return { ChallengeName: obstacle.challenge, Session: 'the-session', ChallengeParameters: {} };
    return {
      AuthenticationResult: { AccessToken: 'a', IdToken: 'i', ExpiresIn: 3600 },
      ChallengeParameters: {},
    };
  }

  const operations: Record<string, (parameters: Parameters) => object> = {
    ListUsers: listUsers,
    AdminCreateUser: createUser,
    AdminSetUserPassword: setPassword,
    AdminInitiateAuth: initiateAuth,
    AdminUpdateUserAttributes({ Username, UserAttributes }) {
      setAttributes(existing(Username), UserAttributes);
      return {};
    },
    AdminDeleteUser({ Username }) {
      existing(Username);
      users.delete(Username);
      return {};
    },
  };

  function perform(request: SeenRequest): object {
    const target = String(request.headers['x-amz-target']);
    const operation = operations[target.replace('AWSCognitoIdentityProviderService.', '')];
    const signature = checkAwsSignature(request, cognitoPool);
    if (signature === 'unknown') throw new Refusal('UnrecognizedClientException');
    if (signature === 'wrong') throw new Refusal('InvalidSignatureException');
    if (!operation) throw new Refusal('UnknownOperationException', target);
    const parameters = JSON.parse(request.body) as Parameters;
    if (parameters.UserPoolId !== cognitoPool.poolId)
      throw new Refusal('ResourceNotFoundException', 'User pool does not exist.');
    return operation(parameters);
  }

  const upstream = await startUpstream((request) => {
    const type = { 'content-type': 'application/x-amz-json-1.1' };
    try {
      request.answer(200, perform(request), type);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      request.answer(400, { __type: error.type, message: error.message }, type);
    }
  });
  return {
    upstream,
    obstacles,
    add(username, password, attributes) {
      const all = new Map([['sub', randomUUID()], ...Object.entries(attributes)]);
      users.set(username, { username, password, attributes: all, status: 'CONFIRMED' });
    },
    [Symbol.asyncDispose]: () => upstream.close(),
  };
}
