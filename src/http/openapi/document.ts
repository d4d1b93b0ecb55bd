import type { Endpoint, PublicEndpoint } from '../endpoints/endpoint.ts';
import type { ScriptEndpoint } from '../endpoints/script-endpoint.ts';
import { pathItem, publicPathItem } from './path-items.ts';
import { pathTemplate } from './path-parameters.ts';
import { createSchemas, type Json } from './schemas.ts';
import { scriptOperation } from './script-operation.ts';

interface Endpoints {
  scriptEndpoints: readonly ScriptEndpoint[];
  endpoints: readonly Endpoint[];
  operations: readonly PublicEndpoint[];
}

/** The OpenAPI 3.1 document as JSON text, made of the values that make the routes and check the requests. */
export function openApiDocument(
  { scriptEndpoints, endpoints, operations }: Endpoints,
  version: string,
): string {
  const schemas = createSchemas();
  const paths: Json = {};
  for (const endpoint of scriptEndpoints)
    paths[pathTemplate(endpoint.path)] = { post: scriptOperation(endpoint, schemas) };
  for (const endpoint of endpoints) paths[pathTemplate(endpoint.path)] = pathItem(endpoint, schemas);
  for (const endpoint of operations) paths[endpoint.path] = publicPathItem(endpoint);

  return JSON.stringify({
    openapi: '3.1.0',
    info: {
      title: 'Drawbridge',
      version,
      description:
        "Runs a tenant's database action scripts so that an auth server can use an existing user store.",
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    tags: [{ name: 'scripts' }, { name: 'connections' }, { name: 'events' }, { name: 'operations' }],
    paths,
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key of `drawbridge keys create`, with the scope execute, read:connections, read:recordings or read:events.',
        },
      },
      schemas: schemas.components,
    },
  });
}
