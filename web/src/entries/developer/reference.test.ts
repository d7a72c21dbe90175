import { expect, it } from 'vitest';
import { operationsOf } from './reference';

it('shows the fields of a named type where it is used', () => {
  const [operation] = operationsOf({
    paths: {
      '/api/v1/registrations': {
        post: {
          operationId: 'startRegistration',
          requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Start' } } } },
          responses: { '202': { description: 'accepted' } },
        },
      },
    },
    components: { schemas: { Start: { type: 'object', properties: { email: { type: 'string' } } } } },
  });
  expect(operation?.method).toBe('POST');
  expect(operation?.request).toContain('"email"');
});
