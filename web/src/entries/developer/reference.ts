// Reads the server's OpenAPI 3.1 description into rows a person can look through.
type Json = { [key: string]: unknown };

export interface Description {
  paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  components?: { schemas?: Readonly<Record<string, Json>> };
}

export interface Operation {
  method: string;
  path: string;
  name: string;
  access?: string;
  request?: string;
  response?: string;
}

function schemaOf(content: unknown): Json | undefined {
  const types = (content as { content?: Record<string, { schema?: Json }> } | undefined)?.content;
  return types ? Object.values(types)[0]?.schema : undefined;
}

/** Follows one reference, so that the fields of a named type stand where it is used. */
function shown(schema: Json | undefined, description: Description): string | undefined {
  if (!schema) return undefined;
  const name = typeof schema.$ref === 'string' ? schema.$ref.split('/').pop() : undefined;
  const resolved = name ? description.components?.schemas?.[name] : schema;
  return JSON.stringify(resolved ?? schema, null, 2);
}

export function operationsOf(description: Description): Operation[] {
  return Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const responses = operation.responses as Record<string, unknown> | undefined;
      const good = responses ? Object.keys(responses).find((status) => status.startsWith('2')) : undefined;
      const access = operation['x-access'] ?? operation.description;
      return {
        method: method.toUpperCase(),
        path,
        name: String(operation.operationId ?? path),
        ...(typeof access === 'string' ? { access } : {}),
        ...(operation.requestBody ? { request: shown(schemaOf(operation.requestBody), description) ?? '' } : {}),
        ...(good ? { response: shown(schemaOf(responses![good]), description) ?? '' } : {}),
      };
    }),
  );
}
