// Until mssql 4 a query answered its rows, and `request.multiple` and procedures the rows of each result set; how many
// rows were written was on the request. The instance of mssql is nobody else's.
const withOldConnection = require('./mssql.cjs');

function inOldForm(plain, answerOf) {
  return function (...args) {
    const callback = typeof args.at(-1) === 'function' ? args.pop() : undefined;
    const answered = plain.apply(this, args).then((result) => {
      this.rowsAffected = result.rowsAffected.reduce((sum, count) => sum + count, 0);
      return { answer: answerOf(result, this), returnValue: result.returnValue };
    });
    if (!callback) return answered.then(({ answer }) => answer);
    answered.then(
      // Outside of the promise, whose own error a throw of the callback is not.
      ({ answer, returnValue }) => setImmediate(callback, null, answer, returnValue),
      (error) => setImmediate(callback, error),
    );
  };
}

const rowsOf = ({ recordset, recordsets }, { multiple }) => (multiple ? recordsets : recordset);

module.exports = (mssql) => {
  const { prototype } = mssql.Request;
  const { query, batch, execute } = prototype;
  prototype.query = inOldForm(query, rowsOf);
  prototype.batch = inOldForm(batch, rowsOf);
  prototype.execute = inOldForm(execute, ({ recordsets }) => recordsets);
  return withOldConnection(mssql);
};
