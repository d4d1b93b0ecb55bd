import { describe, expect, it } from 'vitest';
import { ConnectionFile } from '../../src/connections/connection-schema.ts';
import { findUnknownKeys } from '../../src/connections/find-unknown-keys.ts';

function mistakes(file: object) {
  const checked = ConnectionFile.safeParse(file);
  return checked.success ? [] : checked.error.issues.map(({ path, message }) => [path.join('.'), message]);
}

const withOptions = (options: object) => ({ name: 'acme', options });
const pathsOf = (file: object) => mistakes(file).map(([path]) => path);

describe('the top level of a connection', () => {
  it.each(['a', 'acme', 'Acme-2', 'a-b-c', 'x'.repeat(128)])('takes the name %s', (name) => {
    expect(mistakes({ name })).toEqual([]);
  });

  it.each(['', '-a', 'a-', 'a--b', 'a_b', 'a b', 'ä', 'x'.repeat(129)])('refuses the name "%s"', (name) => {
    expect(pathsOf({ name })).toContain('name');
  });

  it('asks for a name and the strategy auth0', () => {
    expect(pathsOf({ strategy: 'samlp' })).toEqual(['name', 'strategy']);
  });

  it('takes null where the API may answer it', () => {
    const options = {
      validation: null,
      authentication_methods: null,
      passkey_options: null,
      passwordPolicy: null,
      configuration: null,
      customScripts: null,
    };
    expect(mistakes({ name: 'acme', display_name: null, realms: null, options })).toEqual([]);
    expect(mistakes({ name: 'acme', options: null })).toEqual([]);
  });

  it('keeps keys that it does not know', () => {
    const file = { name: 'acme', new_key: 1, options: { newOption: { a: [1] } } };
    expect(ConnectionFile.parse(file)).toMatchObject(file);
  });

  it('bounds realms and metadata', () => {
    expect(pathsOf({ name: 'acme', realms: Array(11).fill('r') })).toEqual(['realms']);
    const metadata = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`k${index}`, 'v']));
    expect(pathsOf({ name: 'acme', metadata })).toEqual(['metadata']);
  });
});

describe('options', () => {
  it('takes the connection of the passkey setup', () => {
    const options = {
      import_mode: false,
      enabledDatabaseCustomization: true,
      enable_script_context: true,
      requires_username: false,
      disable_signup: false,
      brute_force_protection: true,
      authentication_methods: { password: { enabled: true }, passkey: { enabled: true } },
      passkey_options: { challenge_ui: 'both', progressive_enrollment_enabled: true },
      precedence: ['email', 'phone_number', 'username'],
      customScripts: { login: './login.js', get_user: './get_user.js', create: './create.js' },
      configuration: { API_TOKEN: 't', API_BASE_URL: 'https://x.org' },
      isolation: 'execution',
    };
    expect(mistakes(withOptions(options))).toEqual([]);
  });

  it('takes lists of where scripts may go', () => {
    const egress = { allow: ['api.example:443', '10.0.0.0/8', '[fd00::1]:80', '*.example'], deny: [] };
    expect(mistakes(withOptions({ egress }))).toEqual([]);
    expect(mistakes(withOptions({ egress: { allow: null } }))).toEqual([]);
    expect(mistakes(withOptions({ egress: null }))).toEqual([]);
  });

  it.each(['http://api.example', '10.0.0.0/33', '127.1', 'acme=10.0.0.1', '', 'x'.repeat(1_000)])(
    'names the place of the entry %j and what may stand there',
    (entry) => {
      const [[path, message] = []] = mistakes(withOptions({ egress: { allow: ['api.example', entry] } }));
      expect(path).toBe('options.egress.allow.1');
      expect(message).toContain(`is ${JSON.stringify(entry).slice(0, 200)}`);
      expect(message).toMatch(/; allowed: host, host:port, /);
    },
  );

  it('refuses lists that are none', () => {
    expect(pathsOf(withOptions({ egress: { allow: 'api.example' } }))).toEqual(['options.egress.allow']);
    expect(pathsOf(withOptions({ egress: { deny: [5] } }))).toEqual(['options.egress.deny.0']);
    expect(pathsOf(withOptions({ egress: ['api.example'] }))).toEqual(['options.egress']);
    expect(pathsOf(withOptions({ egress: { deny: Array(201).fill('a') } }))).toEqual(['options.egress.deny']);
  });

  it.each([
    ['5', 5, 'a number'],
    ['true', true, 'a boolean'],
    ['null', null, 'null'],
    ['a list', ['s3cret'], 'an array'],
    ['an object', { s3cret: 's3cret' }, 'an object'],
  ])('tells a configuration value that is %s by its path and type alone', (_title, value, type) => {
    const [[path, message] = []] = mistakes(withOptions({ configuration: { KEY: value } }));
    expect(path).toBe('options.configuration.KEY');
    expect(message).toContain(`not ${type}`);
    expect(message).not.toContain('s3cret');
  });

  it.each([
    ['options.enable_script_context', { enable_script_context: 'yes' }],
    ['options.customScripts.login', { customScripts: { login: '' } }],
    ['options.customScripts.change_username', { customScripts: { change_username: 1 } }],
    ['options.validation.username', { validation: { username: { min: 5, max: 2 } } }],
    ['options.validation.username.max', { validation: { username: { min: 5, max: 129 } } }],
    ['options.precedence', { precedence: ['email', 'username'] }],
    ['options.precedence', { precedence: ['email', 'email', 'username'] }],
    ['options.passkey_options.challenge_ui', { passkey_options: { challenge_ui: 'popup' } }],
    [
      'options.authentication_methods.password',
      { authentication_methods: { password: { signup_behavior: 'block' } } },
    ],
    ['options.isolation', { isolation: 'none' }],
    ['options.set_user_root_attributes', { set_user_root_attributes: 'always' }],
  ])('refuses %s where its value is wrong', (path, options) => {
    expect(pathsOf(withOptions(options))).toEqual([path]);
  });
});

describe('attributes', () => {
  const email = { identifier: { active: true }, profile_required: true, signup: { status: 'required' } };

  it('take all that the API takes', () => {
    const attributes = {
      email: { ...email, unique: true, verification_method: 'otp' },
      phone_number: { identifier: { active: false }, signup: { status: 'optional', verification: {} } },
      username: {
        identifier: { active: true, default_method: 'password' },
        validation: { min_length: 1, max_length: 15, allowed_types: { email: false, phone_number: false } },
      },
    };
    expect(mistakes(withOptions({ attributes, requires_username: false }))).toEqual([]);
  });

  const rules: [string, object][] = [
    [
      'Cannot set both options.attributes and options.requires_username',
      { attributes: { email }, requires_username: true },
    ],
    [
      'Cannot set both options.attributes and options.validation',
      { attributes: { email }, validation: { username: { min: 1, max: 15 } } },
    ],
    [
      'attributes must contain one active identifier',
      { attributes: { email: { identifier: { active: false } } } },
    ],
    [
      'attribute phone_number must also be required on signup',
      { attributes: { email, phone_number: { profile_required: true, signup: { status: 'inactive' } } } },
    ],
    [
      'an email that is not unique cannot be an active identifier',
      { attributes: { email: { ...email, unique: false } } },
    ],
  ];
  it.each(rules)('are refused: %s', (message, options) => {
    expect(mistakes(withOptions(options)).map(([, text]) => text)).toEqual([message]);
  });

  it('are no others than the three', () => {
    expect(pathsOf(withOptions({ attributes: { email, e_mail: {} } }))).toEqual(['options.attributes']);
  });
});

describe('findUnknownKeys', () => {
  it('finds a misspelt key at any depth of what is listed', () => {
    const shape = ConnectionFile.shape.options.unwrap().unwrap().shape;
    expect(findUnknownKeys(shape.attributes, { email: { identifer: {} } }, ['attributes'])).toEqual([
      'attributes.email.identifer',
    ]);
    expect(
      findUnknownKeys(shape.authentication_methods, { passkeys: {}, passkey: { enabled: true } }),
    ).toEqual(['passkeys']);
    expect(findUnknownKeys(shape.password_options, { complexity: {} })).toEqual([]);
  });
});
