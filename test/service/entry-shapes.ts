/** A function to be written down: `body` has several lines, the first of which throws when it is told to. */
export interface EntryParts {
  /** The recommended name. */
  name: string;
  parameters: string;
  body: string;
}

const declaration = ({ name, parameters, body }: EntryParts) =>
  `function ${name}(${parameters}) {\n${body}\n}`;

/** Ways in which people and their tools write the function of a script. */
export const shapes: Record<string, (parts: EntryParts) => string> = {
  'a function declaration': declaration,
  'an async function declaration': (parts) => `async ${declaration(parts)}\n`,
  'a function of any name': (parts) => declaration({ ...parts, name: 'doWhatIsAsked' }),
  'an anonymous function': ({ parameters, body }) => `function (${parameters}) {\n${body}\n}`,
  'an anonymous async function': ({ parameters, body }) => `async function(${parameters}) {\n${body}\n}\n`,
  'an anonymous function after a constant': ({ parameters, body }) =>
    `const limit = 5;\n\nfunction (${parameters}) {\n${body}\n}\n`,
  'a function in parentheses': ({ parameters, body }) => `(function (${parameters}) {\n${body}\n});\n`,
  'an arrow function': ({ parameters, body }) => `(${parameters}) => {\n${body}\n}`,
  'an async arrow function with a semicolon': ({ parameters, body }) =>
    `async (${parameters}) => {\n${body}\n};\n`,
  'a constant that holds an async arrow function': ({ name, parameters, body }) =>
    `const ${name} = async (${parameters}) => {\n${body}\n};\n`,
  'module.exports = function': ({ parameters, body }) =>
    `module.exports = function (${parameters}) {\n${body}\n};\n`,
  'module.exports = a function declared before': (parts) =>
    `${declaration(parts)}\nfunction other() {}\nmodule.exports = ${parts.name};\n`,
  'module.exports = an object with the function': ({ name, parameters, body }) =>
    `module.exports = {\n  ${name}(${parameters}) {\n${body}\n  },\n};\n`,
  'exports of a transpiled module': (parts) =>
    `"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nexports.default = ${parts.name};\n${declaration(parts)}\n`,
  'a bundle whose entry takes ...args': (parts) =>
    `var __create = Object.create;\nvar helper_default = (value) => value;\n${declaration(parts)}\nfunction ${parts.name}_wrapper(...args) {\n  return ${parts.name}(...args.map(helper_default));\n}\n`,
  'helpers before and after': (parts) =>
    `const table = 'users';\nfunction before() { return table; }\n\n${declaration(parts)}\n\nfunction after() { return before(); }\n`,
  'a commented-out function first': (parts) =>
    `// function ${parts.name}(${parts.parameters}) {\n//   callback(new Error('the old one'));\n// }\n/* function old(callback) {\n} */\n${declaration(parts)}\n`,
  "'use strict' first": (parts) => `'use strict';\n\n${declaration(parts)}\n`,
  'a byte-order mark': (parts) => `\ufeff${declaration(parts)}\n`,
  'a byte-order mark before an anonymous function': ({ parameters, body }) =>
    `\ufefffunction (${parameters}) {\n${body}\n}\n`,
  'CRLF line ends': (parts) => `'use strict'\n${declaration(parts)}\n`.replaceAll('\n', '\r\n'),
  'a trailing comment without a line end': (parts) => `${declaration(parts)} // the end`,
  'an anonymous function with a trailing comment': ({ parameters, body }) =>
    `function (${parameters}) {\n${body}\n} // the end`,
  'everything on one line': (parts) => declaration(parts).replaceAll('\n', ' '),
  'an anonymous function on one line': ({ parameters, body }) =>
    `function (${parameters}) {\n${body}\n}`.replaceAll('\n', ' '),
  'a wrapper around a generator': ({ name, parameters, body }) =>
    `${runGenerator}\nvar ${name} = run(function* (${parameters}) {\n  yield Promise.resolve();\n${body}\n});\n`,
  'a generator within a function': ({ name, parameters, body }) =>
    `${runGenerator}\nfunction ${name}(${parameters}) {\n  return run(function* () {\n  yield null;\n${body}\n  })();\n}\n`,
};

const runGenerator = `function run(generator) {
  return function (...args) {
    const steps = generator.apply(this, args);
    const step = (value) => {
      const next = steps.next(value);
      return next.done ? next.value : Promise.resolve(next.value).then(step);
    };
    return Promise.resolve().then(step);
  };
}`;

/** Where an error made at `marker` is, as stacks have it: 1-based line and column. */
export function placeOf(source: string, marker: string): string {
  const lines = source.replace(/^\ufeff/, '').split(/\r?\n/);
  const index = lines.findIndex((line) => line.includes(marker));
  return `${index + 1}:${lines[index]!.indexOf(marker) + 1}`;
}
