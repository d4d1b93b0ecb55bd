// Until ldapjs 3 an entry that is found had its attributes in `object`, as texts, and in `raw`, as bytes; an attribute
// with one value is that value, with several it is an array. And a change could name its attribute by a property.
function entryOf({ dn, attributes, controls }, valuesOf) {
  const entry = { dn: String(dn), controls: controls.map((control) => control.pojo ?? control.json) };
  for (const attribute of attributes) {
    const values = valuesOf(attribute);
    entry[attribute.type] = values.length === 1 ? values[0] : values;
  }
  return entry;
}

/** `{ mail: 'jane@example.com' }` and `{ type, vals }` as `{ type, values }`. */
function attributeOf(modification) {
  if (typeof modification !== 'object' || modification === null || modification.values) return modification;
  const { type, vals } = modification;
  if (type !== undefined && vals !== undefined) return { type, values: [vals].flat() };
  const [[name, values] = [], ...others] = Object.entries(modification);
  return name === undefined || others.length > 0 ? modification : { type: name, values: [values].flat() };
}

/** By the messages' class, which the module does not export itself. */
module.exports = (SearchResultEntry) => (ldapjs) => {
  Object.defineProperties(SearchResultEntry.prototype, {
    object: {
      get() {
        return entryOf(this, ({ values }) => values);
      },
      configurable: true,
    },
    raw: {
      get() {
        return entryOf(this, ({ buffers }) => buffers);
      },
      configurable: true,
    },
  });

  class Change extends ldapjs.Change {
    constructor(options) {
      super(options && { ...options, modification: attributeOf(options.modification) });
    }
  }
  return Object.assign(ldapjs, { Change });
};
