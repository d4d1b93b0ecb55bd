// lodash 3 and earlier had names, and ways to call some functions, that lodash 4 dropped. `_` is an instance of nobody
// else's: the functions are put in their places.
module.exports = (_) => {
  // A number is an index: the function itself is called as an iteratee.
  const isIteratee = (value) => ['function', 'object', 'string'].includes(typeof value) && value !== null;

  /** Names of lodash 4 by those that lodash 3 had for the same. */
  const renamed = {
    backflow: 'flowRight',
    collect: 'map',
    compose: 'flowRight',
    indexBy: 'keyBy',
    invoke: 'invokeMap',
    methods: 'functions',
    padLeft: 'padStart',
    padRight: 'padEnd',
    pairs: 'toPairs',
    pluck: 'map',
    rest: 'tail',
    restParam: 'rest',
    select: 'filter',
    sortByAll: 'sortBy',
    sortByOrder: 'orderBy',
    trimLeft: 'trimStart',
    trimRight: 'trimEnd',
    trunc: 'truncate',
    unique: 'uniq',
    where: 'filter',
  };
  /** As above; they answer no sequence within a chain. */
  const renamedValues = {
    all: 'every',
    any: 'some',
    contains: 'includes',
    createCallback: 'iteratee',
    callback: 'iteratee',
    detect: 'find',
    findWhere: 'find',
    foldl: 'reduce',
    foldr: 'reduceRight',
    include: 'includes',
    inject: 'reduce',
  };
  /** The last argument of these could be what `this` is in the function before it. */
  const withThis = [
    ...['countBy', 'dropRightWhile', 'dropWhile', 'each', 'eachRight', 'filter', 'flatMap', 'forEach'],
    ...['forEachRight', 'forIn', 'forInRight', 'forOwn', 'forOwnRight', 'groupBy', 'keyBy', 'map', 'mapKeys'],
    ...['mapValues', 'partition', 'reject', 'remove', 'sortBy', 'takeRightWhile', 'takeWhile', 'times'],
  ];
  const valuesWithThis = ['every', 'find', 'findIndex', 'findKey', 'findLast', 'findLastIndex', 'some'];

  const bound = (name) => {
    const plain = _[name];
    return (collection, iteratee, ...more) =>
      typeof iteratee === 'function' && more.length === 1 && typeof more[0] === 'object' && more[0] !== null
        ? plain(collection, iteratee.bind(more[0]))
        : plain(collection, iteratee, ...more);
  };
  const boundOf = (names) => Object.fromEntries(names.map((name) => [name, bound(name)]));
  _.mixin(boundOf(withThis));
  _.mixin(boundOf(valuesWithThis), { chain: false });

  const { clone, cloneDeep, flatten, flattenDeep, max, maxBy, min, minBy, omit, omitBy, pick, pickBy } = _;
  const { sum, sumBy, uniq, uniqBy, assign, assignWith, merge, mergeWith, isEqual, isEqualWith } = _;
  const { fromPairs, zipObject } = _;
  const pairsOrKeys = (keys, values) => (values === undefined ? fromPairs(keys) : zipObject(keys, values));
  const lastIsFunction = (args) => args.length > 2 && typeof args.at(-1) === 'function';
  const by =
    (plain, withIteratee) =>
    (list, iteratee, ...more) => {
      if (!isIteratee(iteratee) || more.length > 0) return plain(list);
      return withIteratee(list, iteratee);
    };
  const picking =
    (plain, withPredicate) =>
    (object, predicate, ...more) =>
      typeof predicate === 'function'
        ? withPredicate(object, more.length > 0 ? predicate.bind(more[0]) : predicate)
        : plain(object, predicate, ...more);

  _.mixin({
    assign: (...args) => (lastIsFunction(args) ? assignWith : assign)(...args),
    extend: (...args) => (lastIsFunction(args) ? assignWith : assign)(...args),
    merge: (...args) => (lastIsFunction(args) ? mergeWith : merge)(...args),
    zipObject: pairsOrKeys,
    object: pairsOrKeys,
    flatten: (list, isDeep) => (isDeep === true ? flattenDeep : flatten)(list),
    omit: picking(omit, omitBy),
    pick: picking(pick, pickBy),
    uniq: (list, isSorted, iteratee) => {
      const given = typeof isSorted === 'boolean' ? iteratee : isSorted;
      return isIteratee(given) ? uniqBy(list, given) : uniq(list);
    },
  });
  _.mixin(
    {
      clone: (value, isDeep) => (isDeep === true ? cloneDeep : clone)(value),
      isEqual: (a, b, customizer) => (customizer ? isEqualWith(a, b, customizer) : isEqual(a, b)),
      max: by(max, maxBy),
      min: by(min, minBy),
      sum: by(sum, sumBy),
    },
    { chain: false },
  );
  const meant = (names) => Object.fromEntries(Object.entries(names).map(([old, name]) => [old, _[name]]));
  _.mixin(meant(renamed));
  _.mixin(meant(renamedValues), { chain: false });
  return _;
};
