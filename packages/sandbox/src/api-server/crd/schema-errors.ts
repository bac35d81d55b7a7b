import { prune, setDefaults, validate } from '@binnacle/schema';
import type { FieldError, Schema } from '@binnacle/schema';
import { equal } from '../../objects/json.ts';
import { junctorErrors } from './junctor-errors.ts';

/** What makes a schema not structural: a server could not tell what to prune (spec/sandbox.md §2.9). */
export function schemaErrors(schema: Schema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (schema.type !== 'object')
    errors.push(schema.type === undefined ? required(`${path}.type`, 'must not be empty at the root') : wrongRoot(schema.type, path));
  const structural = [...errors, ...childErrors(schema, path)];
  return structural.length > 0 ? structural : defaultErrors(schema, path);
}

/** Defaults that the schema itself would refuse or cut: every object made without the field would be invalid. */
function defaultErrors(schema: Schema, path: string): readonly FieldError[] {
  const found = schema.default === undefined ? [] : ownDefaultErrors(schema, schema.default, `${path}.default`);
  const children = Object.entries(schema.properties ?? {}).flatMap(([key, child]) => defaultErrors(child, `${path}.properties[${key}]`));
  const rest = typeof schema.additionalProperties === 'object' ? defaultErrors(schema.additionalProperties, `${path}.additionalProperties`) : [];
  return [...found, ...children, ...rest, ...(schema.items === undefined ? [] : defaultErrors(schema.items, `${path}.items`))];
}

function ownDefaultErrors(schema: Schema, value: unknown, path: string): readonly FieldError[] {
  const { value: pruned } = prune(schema, value);
  if (!equal(pruned, value))
    return [{ reason: 'FieldValueInvalid', field: path, message: `Invalid value: ${JSON.stringify(value)}: must not have unknown fields` }];
  return validate(schema, setDefaults(schema, value), { path });
}

const required = (field: string, detail: string): FieldError => ({ reason: 'FieldValueRequired', field, message: `Required value: ${detail}` });

function wrongRoot(type: string, path: string): FieldError {
  return { reason: 'FieldValueInvalid', field: `${path}.type`, message: `Invalid value: ${JSON.stringify(type)}: must be object at the root` };
}

function childErrors(schema: Schema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [...junctorErrors(schema, path)];
  if (schema.properties !== undefined && typeof schema.additionalProperties === 'object') {
    errors.push({
      reason: 'FieldValueForbidden',
      field: `${path}.additionalProperties`,
      message: 'Forbidden: additionalProperties and properties are mutual exclusive',
    });
  }
  if (schema.type === 'array' && schema.items === undefined && schema['x-kubernetes-preserve-unknown-fields'] !== true) {
    errors.push(required(`${path}.items`, 'must be specified'));
  }
  if (schema.$ref !== undefined) errors.push({ reason: 'FieldValueForbidden', field: `${path}.$ref`, message: 'Forbidden: $ref is not supported' });
  const node = (child: Schema, where: string, what: string) => {
    const free = child['x-kubernetes-int-or-string'] === true || child['x-kubernetes-preserve-unknown-fields'] === true;
    if (child.type === undefined && !free) errors.push(required(`${where}.type`, `must not be empty for specified ${what}`));
    errors.push(...childErrors(child, where));
  };
  for (const [key, child] of Object.entries(schema.properties ?? {})) node(child, `${path}.properties[${key}]`, 'object fields');
  if (typeof schema.additionalProperties === 'object') node(schema.additionalProperties, `${path}.additionalProperties`, 'object fields');
  if (schema.items !== undefined) node(schema.items, `${path}.items`, 'array items');
  return errors;
}
