const descriptions: Record<string, string> = {
  connection: "The connection's name",
  execution: 'The id of the execution',
};

const pattern = /:(\w+)/g;

/** `/v1/connections/:connection` as OpenAPI writes it. */
export const pathTemplate = (path: string) => path.replace(pattern, '{$1}');

export function pathParameters(path: string) {
  return Array.from(path.matchAll(pattern), ([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: descriptions[name],
    schema: { type: 'string' },
  }));
}
