import { describe, expect, it } from 'vitest';
import type { ResultNote } from '../../sandbox/contract/outcome.ts';
import { type ProfileAction, type ProfileOptions, profileRulesFor } from '../../src/profile/profile-rules.ts';
import { validateProfile } from '../../src/profile/validate-profile.ts';

type Row = [what: string, profile: unknown, ...codes: string[]];

function check(
  profile: unknown,
  options: ProfileOptions = {},
  action: ProfileAction = 'create',
  notes: ResultNote[] = [],
) {
  return validateProfile(profile, profileRulesFor(options, action), notes);
}

const codesOf = (list: readonly { path: string; code: string }[]) =>
  list.map(({ path, code }) => `${path}:${code}`).sort();

function issuesOf(result: ReturnType<typeof check>): string[] {
  return result.ok ? [] : codesOf(result.issues);
}

function warningsOf(result: ReturnType<typeof check>): string[] {
  if (!result.ok) throw new Error(`Refused: ${codesOf(result.issues)}`);
  return codesOf(result.warnings);
}

/** A profile that is fine but for the fields given. */
const jane = (fields: Record<string, unknown> = {}) => ({ user_id: '42', ...fields });
const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

describe('what refuses a profile, on a connection without attributes', () => {
  const rows: Row[] = [
    ['a string for a profile', 'jane', ':profile_type'],
    ['a number for a profile', 7, ':profile_type'],
    ['true for a profile', true, ':profile_type'],
    ['null for a profile', null, ':profile_type'],
    ['nothing for a profile', undefined, ':profile_type'],
    ['rows for a profile', [{ user_id: '1' }], ':profile_type'],
    ['no user_id', {}, 'user_id:user_id_missing'],
    ['an email alone', { email: 'jane@example.com' }, 'user_id:user_id_missing'],
    ['user_id null', { user_id: null }, 'user_id:user_id_missing'],
    ['id null', { id: null }, 'user_id:user_id_missing'],
    ['an empty user_id', { user_id: '' }, 'user_id:user_id_empty'],
    ['an empty user_id beside a good id', { user_id: '', id: '1' }, 'user_id:user_id_empty'],
    ['a space in user_id', { user_id: 'a b' }, 'user_id:user_id_whitespace'],
    ['a padded user_id', { user_id: '42 ' }, 'user_id:user_id_whitespace'],
    ['a line end in user_id', { user_id: '42\n' }, 'user_id:user_id_whitespace'],
    ['a NUL in user_id', { user_id: '4\u00002' }, 'user_id:user_id_whitespace'],
    ['a no-break space in user_id', { user_id: '4\u00a02' }, 'user_id:user_id_whitespace'],
    ['256 characters of user_id', { user_id: 'a'.repeat(256) }, 'user_id:user_id_too_long'],
    ['user_id true', { user_id: true }, 'user_id:user_id_type'],
    ['an object as user_id', { user_id: { $oid: 'a' } }, 'user_id:user_id_type'],
    ['an array as user_id', { user_id: ['a'] }, 'user_id:user_id_type'],
    ['a Buffer as user_id', { user_id: { type: 'Buffer', data: [1] } }, 'user_id:user_id_type'],
    ['a fraction as user_id', { user_id: 1.5 }, 'user_id:user_id_not_integer'],
    ['2^53 as user_id', { user_id: 2 ** 53 }, 'user_id:user_id_unsafe_number'],
    ['-2^53 as id', { id: -(2 ** 53) }, 'user_id:user_id_unsafe_number'],
    ['String(undefined)', { user_id: 'undefined' }, 'user_id:user_id_placeholder'],
    ['String(null)', { user_id: 'null' }, 'user_id:user_id_placeholder'],
    ['String(NaN)', { user_id: 'NaN' }, 'user_id:user_id_placeholder'],
    ['a prefixed undefined', { user_id: 'acme|undefined' }, 'user_id:user_id_placeholder'],
    [
      'a stringified object',
      { user_id: '[object Object]' },
      'user_id:user_id_placeholder',
      'user_id:user_id_whitespace',
    ],

    ['an email without @', jane({ email: 'jane' }), 'email:email_malformed'],
    ['an email without a host', jane({ email: 'jane@' }), 'email:email_malformed'],
    ['an email without a local part', jane({ email: '@example.com' }), 'email:email_malformed'],
    ['two @', jane({ email: 'a@b@example.com' }), 'email:email_malformed'],
    ['a padded email', jane({ email: ' jane@example.com' }), 'email:email_malformed'],
    ['a space in an email', jane({ email: 'ja ne@example.com' }), 'email:email_malformed'],
    ['a line end in an email', jane({ email: 'jane@example.com\n' }), 'email:email_malformed'],
    ['a named email', jane({ email: 'Jane <jane@example.com>' }), 'email:email_malformed'],
    ['a quoted local part', jane({ email: '"jane"@example.com' }), 'email:email_malformed'],
    ['two emails', jane({ email: 'a@example.com,b@example.com' }), 'email:email_malformed'],
    ['an empty label', jane({ email: 'jane@example..com' }), 'email:email_malformed'],
    ['a dot at the end', jane({ email: 'jane@example.com.' }), 'email:email_malformed'],
    ['a dash at a label’s end', jane({ email: 'jane@example-.com' }), 'email:email_malformed'],
    ['an address literal', jane({ email: 'jane@[127.0.0.1]' }), 'email:email_malformed'],
    ['64 characters in a label', jane({ email: `j@${'a'.repeat(64)}.com` }), 'email:email_malformed'],
    ['a local part of 65', jane({ email: `${'a'.repeat(65)}@example.com` }), 'email:email_too_long'],
    ['an email of 255', jane({ email: `a@${'b.'.repeat(126)}c` }), 'email:email_too_long'],
    ['a number as email', jane({ email: 1 }), 'email:email_type'],
    ['emails as an array', jane({ email: ['jane@example.com'] }), 'email:email_type'],

    ['a phone number without +', jane({ phone_number: '4930123456' }), 'phone_number:phone_number_malformed'],
    ['a local number', jane({ phone_number: '030 123456' }), 'phone_number:phone_number_malformed'],
    ['spaces', jane({ phone_number: '+49 30 123456' }), 'phone_number:phone_number_malformed'],
    ['dashes', jane({ phone_number: '+1-555-0100' }), 'phone_number:phone_number_malformed'],
    ['16 digits', jane({ phone_number: '+1234567890123456' }), 'phone_number:phone_number_malformed'],
    ['a + alone', jane({ phone_number: '+' }), 'phone_number:phone_number_malformed'],
    ['letters', jane({ phone_number: '+1800FLOWERS' }), 'phone_number:phone_number_malformed'],
    ['Arabic digits', jane({ phone_number: '+٤٩٣٠' }), 'phone_number:phone_number_malformed'],
    ['a line end', jane({ phone_number: '+4930\n' }), 'phone_number:phone_number_malformed'],
    ['a number as phone_number', jane({ phone_number: 4930123456 }), 'phone_number:phone_number_type'],

    ['129 characters of username', jane({ username: 'a'.repeat(129) }), 'username:username_too_long'],
    ['a number as username', jane({ username: 12 }), 'username:username_type'],
    ['301 characters of name', jane({ name: 'a'.repeat(301) }), 'name:name_too_long'],
    ['351 characters of nickname', jane({ nickname: 'a'.repeat(351) }), 'nickname:nickname_too_long'],
    ['151 characters of given_name', jane({ given_name: 'a'.repeat(151) }), 'given_name:given_name_too_long'],
    ['151 of family_name', jane({ family_name: 'a'.repeat(151) }), 'family_name:family_name_too_long'],
    ['an object as name', jane({ name: { first: 'Jane' } }), 'name:name_type'],
    ['a relative picture', jane({ picture: '/jane.png' }), 'picture:picture_malformed'],
    ['words as picture', jane({ picture: 'a picture' }), 'picture:picture_malformed'],
    ['a script as picture', jane({ picture: 'javascript:alert(1)' }), 'picture:picture_malformed'],
    ['an object as picture', jane({ picture: { url: 'x' } }), 'picture:picture_type'],

    ['"yes" as email_verified', jane({ email_verified: 'yes' }), 'email_verified:email_verified_type'],
    ['2 as email_verified', jane({ email_verified: 2 }), 'email_verified:email_verified_type'],
    [
      'a BIT column',
      jane({ phone_verified: { type: 'Buffer', data: [1] } }),
      'phone_verified:phone_verified_type',
    ],
    ['"no" as blocked', jane({ blocked: 'no' }), 'blocked:blocked_type'],

    ['text as user_metadata', jane({ user_metadata: '{}' }), 'user_metadata:user_metadata_type'],
    ['an array as app_metadata', jane({ app_metadata: [] }), 'app_metadata:app_metadata_type'],
    ['a number as app_metadata', jane({ app_metadata: 1 }), 'app_metadata:app_metadata_type'],
    ['an object as access_token', jane({ access_token: {} }), 'access_token:access_token_type'],
    ['65 levels', jane({ app_metadata: nested(65) }), 'app_metadata:too_deep'],
    ['5000 levels', jane({ deep: nested(5000) }), 'deep:too_deep'],
    [
      'several faults at once',
      { user_id: ' ', email: 'x', phone_number: 'y' },
      'email:email_malformed',
      'phone_number:phone_number_malformed',
      'user_id:user_id_whitespace',
    ],
    [
      'a fault beside a bad number',
      { user_id: 1.5, email: 'x' },
      'email:email_malformed',
      'user_id:user_id_not_integer',
    ],
  ];
  it.each(rows)('%s', (_, profile, ...codes) => {
    expect(issuesOf(check(profile))).toEqual(codes);
  });
});

describe('what is taken as it is', () => {
  const rows: [what: string, profile: Record<string, unknown>][] = [
    ['a user_id of 255', { user_id: 'a'.repeat(255) }],
    ['a user_id with a prefix', { user_id: 'auth0|42' }],
    ['a user_id of other scripts', { user_id: 'użytkownik-7' }],
    ['a user_id that ends in the word null', { user_id: 'devnull' }],
    ['a plus address', jane({ email: 'jane+x@example.com' })],
    ['an upper-case email', jane({ email: 'JANE@Example.com' })],
    ['a non-ASCII local part', jane({ email: 'jörg@example.com' })],
    ['a non-ASCII host', jane({ email: 'jane@bücher.example' })],
    ['a host with vowel signs', jane({ email: 'jane@हिन्दी.example' })],
    ['dots in a row', jane({ email: 'a..b.@example.jp' })],
    ['a host without a dot', jane({ email: 'jane@intranet' })],
    ['a local part of 64', jane({ email: `${'a'.repeat(64)}@example.com` })],
    ['an email of 254', jane({ email: `aa@${'b.'.repeat(125)}c` })],
    ['15 digits', jane({ phone_number: '+123456789012345' })],
    ['a username of any sort where usernames are not used', jane({ username: 'jane@example.com' })],
    ['a name of 300', jane({ name: 'é'.repeat(300) })],
    ['a nickname of 350', jane({ nickname: 'a'.repeat(350) })],
    ['a picture', jane({ picture: 'https://example.com/jane.png' })],
    ['a data picture', jane({ picture: 'data:image/png;base64,AA==' })],
    ['real booleans', jane({ email_verified: false, phone_verified: true, blocked: false })],
    ['metadata', jane({ user_metadata: { a: [1] }, app_metadata: { plan: 'pro' } })],
    ['unknown fields', jane({ address: { city: 'Köln' }, tags: [1, null], x: null, y: '' })],
    ['id beside user_id', { user_id: 'a', id: 'b' }],
    ['names of object parts', jane({ constructor: 'x', toString: 1, hasOwnProperty: null })],
    [
      'an mfa factor',
      jane({ mfa_factors: [{ totp: { secret: 'JBSWY3DPEHPK3PXP' } }, { phone: { value: '+491' } }] }),
    ],
    ['64 levels', jane({ app_metadata: nested(62) })],
  ];
  it.each(rows)('%s', (_, profile) => {
    expect(check(profile)).toEqual({ ok: true, user: profile, warnings: [] });
  });
});

describe('what is converted or worth a warning', () => {
  const rows: [what: string, profile: Record<string, unknown>, user: Record<string, unknown>, ...string[]][] =
    [
      ['id for user_id', { id: 'a' }, { id: 'a', user_id: 'a' }],
      ['id for a user_id of null', { id: 'a', user_id: null }, { id: 'a', user_id: 'a' }],
      ['a number', { user_id: 42 }, { user_id: '42' }, 'user_id:user_id_number'],
      ['zero', { user_id: 0 }, { user_id: '0' }, 'user_id:user_id_number'],
      ['a negative number', { user_id: -1 }, { user_id: '-1' }, 'user_id:user_id_number'],
      ['id as a number', { id: 42 }, { id: 42, user_id: '42' }, 'user_id:user_id_number'],
      [
        'the largest safe number',
        { user_id: 2 ** 53 - 1 },
        { user_id: '9007199254740991' },
        'user_id:user_id_number',
      ],
      ['an email of null', jane({ email: null }), jane(), 'email:null_as_absent'],
      ['an empty email', jane({ email: '' }), jane(), 'email:empty_as_absent'],
      ['an empty phone_number', jane({ phone_number: '' }), jane(), 'phone_number:empty_as_absent'],
      ['a name of null', jane({ name: null }), jane(), 'name:null_as_absent'],
      ['email_verified null', jane({ email_verified: null }), jane(), 'email_verified:null_as_absent'],
      ['app_metadata null', jane({ app_metadata: null }), jane(), 'app_metadata:null_as_absent'],
      [
        '1 as email_verified',
        jane({ email_verified: 1 }),
        jane({ email_verified: true }),
        'email_verified:boolean_converted',
      ],
      [
        '0 as phone_verified',
        jane({ phone_verified: 0 }),
        jane({ phone_verified: false }),
        'phone_verified:boolean_converted',
      ],
      [
        '"false" as blocked',
        jane({ blocked: 'false' }),
        jane({ blocked: false }),
        'blocked:boolean_converted',
      ],
      [
        '"1" as email_verified',
        jane({ email_verified: '1' }),
        jane({ email_verified: true }),
        'email_verified:boolean_converted',
      ],
      ['a password', jane({ password: '$2b$10$x' }), jane(), 'password:password_removed'],
      ['metadata', jane({ metadata: { a: 1 } }), jane({ metadata: { a: 1 } }), 'metadata:metadata_legacy'],
      [
        'a reserved key',
        jane({ app_metadata: { user_id: '1' } }),
        jane({ app_metadata: { user_id: '1' } }),
        'app_metadata.user_id:app_metadata_reserved_key',
      ],
      [
        'a dot in a key',
        jane({ user_metadata: { 'a.b': 1 } }),
        jane({ user_metadata: { 'a.b': 1 } }),
        'user_metadata.a.b:metadata_key_characters',
      ],
      [
        'a $ deep in',
        jane({ app_metadata: { a: [{ $b: 1 }] } }),
        jane({ app_metadata: { a: [{ $b: 1 }] } }),
        'app_metadata.a.0.$b:metadata_key_characters',
      ],
      [
        'an odd username where they are not used',
        jane({ username: 'Jane Dö' }),
        jane({ username: 'Jane Dö' }),
        'username:username_characters',
      ],
      [
        'mfa_factors of no sort',
        jane({ mfa_factors: 'x' }),
        jane({ mfa_factors: 'x' }),
        'mfa_factors:mfa_factors_malformed',
      ],
      [
        'no mfa_factors in it',
        jane({ mfa_factors: [] }),
        jane({ mfa_factors: [] }),
        'mfa_factors:mfa_factors_malformed',
      ],
      [
        'two factors in one object',
        jane({ mfa_factors: [{ phone: { value: '+1' }, email: { value: 'a@b' } }] }),
        jane({ mfa_factors: [{ phone: { value: '+1' }, email: { value: 'a@b' } }] }),
        'mfa_factors.0:mfa_factors_malformed',
      ],
      ['over 10 KB', jane({ bio: 'x'.repeat(10_240) }), jane({ bio: 'x'.repeat(10_240) }), ':profile_large'],
    ];
  it.each(rows)('%s', (_, profile, user, ...codes) => {
    const result = check(profile);
    expect(warningsOf(result)).toEqual(codes);
    expect(result).toMatchObject({ ok: true });
    expect(result.ok && result.user).toEqual(user);
  });
});

describe('usernames', () => {
  const legacy: ProfileOptions = { requires_username: true, validation: { username: { min: 3, max: 5 } } };
  const attribute: ProfileOptions = {
    attributes: { username: { identifier: { active: true }, validation: { min_length: 2, max_length: 30 } } },
  };
  const lenient: ProfileOptions = {
    attributes: { username: { validation: { allowed_types: { email: true, phone_number: true } } } },
  };
  const rows: [what: string, options: ProfileOptions, username: string, ...codes: string[]][] = [
    ['too short for validation', legacy, 'ab', 'username:username_too_short'],
    ['too long for validation', legacy, 'abcdef', 'username:username_too_long'],
    ['right for validation', legacy, 'Jane1'],
    ['too short for the attribute', attribute, 'a', 'username:username_too_short'],
    ['too long for the attribute', attribute, 'a'.repeat(31), 'username:username_too_long'],
    ['every allowed sign', attribute, "aZ9@^$.!`-#+'~_"],
    ['a space', attribute, 'jane doe', 'username:username_characters'],
    ['an accent', attribute, 'jané', 'username:username_characters'],
    ['a slash', attribute, 'a/b', 'username:username_characters'],
    ['an email', attribute, 'jane@example.com', 'username:username_is_email'],
    ['an @ without a dot after it', attribute, 'j.ane@home'],
    ['a phone number', attribute, '+4930123456', 'username:username_is_phone_number'],
    ['an email where allowed', lenient, 'jane@example.com'],
    ['a phone number where allowed', lenient, '+4930123456'],
    ['128 characters without a stated range', lenient, 'a'.repeat(128)],
    ['129 characters without a stated range', lenient, 'a'.repeat(129), 'username:username_too_long'],
    [
      'an email without attributes',
      { requires_username: true },
      'jane@example.com',
      'username:username_is_email',
    ],
  ];
  it.each(rows)('%s', (_, options, username, ...codes) => {
    expect(issuesOf(check(jane({ username }), options))).toEqual(codes);
  });
});

describe('what is required', () => {
  const email: ProfileOptions = {
    attributes: {
      email: { identifier: { active: true }, profile_required: true },
      phone_number: { identifier: { active: true }, profile_required: false },
    },
  };
  const either: ProfileOptions = {
    attributes: {
      phone_number: { identifier: { active: true } },
      username: { identifier: { active: true } },
    },
  };
  const actions: ProfileAction[] = ['login', 'get_user', 'create'];

  it.each(actions)('%s needs what attributes require', (action) => {
    expect(issuesOf(check(jane(), email, action))).toEqual(['email:attribute_required']);
    expect(issuesOf(check(jane({ phone_number: '+1' }), email, action))).toEqual([
      'email:attribute_required',
    ]);
    expect(check(jane({ email: 'jane@example.com' }), email, action)).toMatchObject({
      ok: true,
      warnings: [],
    });
  });

  it.each(actions)('%s needs user_id with attributes too', (action) => {
    expect(issuesOf(check({ email: 'jane@example.com' }, email, action))).toEqual([
      'user_id:user_id_missing',
    ]);
  });

  it('counts null and an empty string as missing', () => {
    expect(issuesOf(check(jane({ email: null }), email))).toEqual(['email:attribute_required']);
    expect(issuesOf(check(jane({ email: '' }), email))).toEqual(['email:attribute_required']);
  });

  it('checks an optional attribute that is there', () => {
    const profile = jane({ email: 'jane@example.com', phone_number: '030' });
    expect(issuesOf(check(profile, email))).toEqual(['phone_number:phone_number_malformed']);
  });

  it('wants at least one active identifier', () => {
    expect(issuesOf(check(jane({ email: 'jane@example.com' }), either))).toEqual([':identifier_missing']);
    expect(check(jane({ username: 'jane' }), either).ok).toBe(true);
    expect(check(jane({ phone_number: '+1' }), either).ok).toBe(true);
  });

  it('wants user_id alone of create without attributes, and says nothing of the rest', () => {
    expect(check(jane(), {}, 'create')).toEqual({ ok: true, user: jane(), warnings: [] });
    expect(check(jane(), { requires_username: true }, 'create')).toMatchObject({ ok: true, warnings: [] });
    expect(check(jane(), { attributes: null }, 'create').ok).toBe(true);
    expect(check(jane(), { attributes: {} }, 'create').ok).toBe(true);
  });

  it.each(['login', 'get_user'] as const)('expects an email of %s without attributes', (action) => {
    expect(warningsOf(check(jane(), {}, action))).toEqual(['email:identifier_expected']);
    expect(warningsOf(check(jane({ phone_number: '+1' }), { requires_username: true }, action))).toEqual([
      'email:identifier_expected',
      'username:identifier_expected',
    ]);
  });
});

describe('what the serializer noted', () => {
  const note = (path: string, code: ResultNote['code']): ResultNote => ({
    path,
    code,
    message: 'said the guest',
  });

  it('warns of an ObjectId and of a BigInt', () => {
    const notes = [note('user_id', 'object_id_to_string'), note('n', 'bigint_to_string')];
    expect(warningsOf(check(jane({ n: '1' }), {}, 'create', notes))).toEqual([
      'n:bigint_to_string',
      'user_id:object_id_to_string',
    ]);
  });

  it('is silent about dates', () => {
    expect(warningsOf(check(jane(), {}, 'create', [note('created_at', 'date_to_string')]))).toEqual([]);
  });

  it('names what is not JSON', () => {
    expect(issuesOf(check(jane(), {}, 'create', [note('save', 'not_json')]))).toEqual(['save:not_json']);
    expect(issuesOf(check(jane(), {}, 'create', [note('a.b', 'circular')]))).toEqual(['a.b:circular']);
    expect(issuesOf(check(null, {}, 'create', [note('', 'circular')]))).toEqual([
      ':circular',
      ':profile_type',
    ]);
  });

  it('says one thing of a user_id that is not JSON', () => {
    expect(issuesOf(check({}, {}, 'create', [note('user_id', 'not_json')]))).toEqual(['user_id:not_json']);
    expect(issuesOf(check({}, {}, 'create', [note('id', 'not_json')]))).toEqual(['id:not_json']);
  });
});

describe('hostile profiles', () => {
  it('leaves out __proto__ at any depth and keeps every prototype', () => {
    const profile = JSON.parse(
      '{"user_id":"1","__proto__":{"admin":true},"app_metadata":{"list":[{"__proto__":{"x":1},"y":2}]}}',
    );
    const result = check(profile);
    expect(warningsOf(result)).toEqual([
      '__proto__:proto_key_removed',
      'app_metadata.list.0.__proto__:proto_key_removed',
    ]);
    const user = (result as { user: Record<string, unknown> }).user;
    expect(JSON.stringify(user)).toBe('{"user_id":"1","app_metadata":{"list":[{"y":2}]}}');
    expect(Object.getPrototypeOf(user)).toBe(Object.prototype);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('takes no user_id from a prototype key', () => {
    expect(issuesOf(check(JSON.parse('{"__proto__":{"user_id":"1"}}')))).toEqual(['user_id:user_id_missing']);
  });

  it('does not change the value it is given', () => {
    const profile = Object.freeze({ id: 1, email: null, blocked: 1, app_metadata: Object.freeze({ a: 1 }) });
    expect(check(profile).ok).toBe(true);
    expect(profile).toEqual({ id: 1, email: null, blocked: 1, app_metadata: { a: 1 } });
  });

  it('puts a limit on how much it says', () => {
    const metadata = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`$${index}`, 1]));
    expect(warningsOf(check(jane({ app_metadata: metadata })))).toHaveLength(50);
  });

  it('shows no values in messages', () => {
    const secret = 'S3cr3t value';
    const fields = ['user_id', 'email', 'phone_number', 'email_verified', 'user_metadata', 'picture'];
    const result = check(Object.fromEntries(fields.map((field) => [field, secret])));
    expect(result).toMatchObject({ ok: false });
    expect(JSON.stringify(result)).not.toContain('S3cr3t');
  });
});

describe('messages', () => {
  it('tell the author what to return instead', () => {
    const result = check({ user_id: '', email: 'x', phone_number: '1', user_metadata: '{}' });
    expect(result.ok).toBe(false);
    for (const { message } of result.ok ? [] : result.issues) expect(message).toMatch(/[Rr]eturn/);
  });

  it('name a Buffer and stored JSON for what they are', () => {
    const result = check({ user_id: { type: 'Buffer', data: [] }, user_metadata: '{}' });
    const messages = result.ok ? [] : result.issues.map(({ message }) => message);
    expect(messages[0]).toContain('a Buffer');
    expect(messages[1]).toContain('JSON.parse');
  });
});
