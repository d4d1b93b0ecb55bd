import type { Document } from 'mongodb';
import { CommandError } from './command-error.ts';
import { matchesFilter } from './match.ts';
import { project } from './project.ts';
import { sortDocuments } from './sort.ts';
import { sameValue, valuesAt } from './values.ts';

const evaluate = (document: Document, expression: unknown): unknown =>
  typeof expression === 'string' && expression.startsWith('$')
    ? (valuesAt(document, expression.slice(1))[0] ?? null)
    : expression;

/** Groups with `$sum`, which is what the drivers' countDocuments comes down to. */
function group(documents: Document[], { _id: by, ...accumulators }: Document): Document[] {
  const groups: Document[] = [];
  for (const document of documents) {
    const id = evaluate(document, by);
    const one: Document = groups.find((candidate) => sameValue(candidate._id, id)) ?? { _id: id };
    if (!groups.includes(one)) groups.push(one);
    for (const [name, { $sum, ...others }] of Object.entries(accumulators)) {
      if (Object.keys(others).length > 0) throw new CommandError(2, `unknown group operator in '${name}'`);
      one[name] = (one[name] ?? 0) + Number(evaluate(document, $sum));
    }
  }
  return groups;
}

const stages: Record<string, (documents: Document[], argument: Document & number) => Document[]> = {
  $match: (documents, filter) => documents.filter((document) => matchesFilter(document, filter)),
  $skip: (documents, count) => documents.slice(count),
  $limit: (documents, count) => documents.slice(0, count),
  $sort: sortDocuments,
  $project: (documents, projection) => documents.map((document) => project(document, projection)),
  $count: (documents, name) => (documents.length ? [{ [String(name)]: documents.length }] : []),
  $group: group,
};

/** Runs a pipeline. Throws BadValue for stages that the double does not have. */
export function aggregate(documents: Document[], pipeline: Document[]): Document[] {
  return pipeline.reduce<Document[]>((input, stage) => {
    const [name = '', argument] = Object.entries(stage)[0] ?? [];
    const run = stages[name];
    if (!run) throw new CommandError(2, `Unrecognized pipeline stage name: '${name}'`);
    return run(input, argument);
  }, documents);
}
