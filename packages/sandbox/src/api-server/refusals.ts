import type { FieldError } from '@binnacle/schema';
import { Refusal } from '../refusal.ts';
import { groupResource } from './object.ts';
import type { GroupResource } from './object.ts';

/*
 * The refusals that many handlers need, with Kubernetes' own texts (spec/sandbox.md §2): client libraries branch on `reason`, people read `message`.
 */

function details(resource: GroupResource, name: string) {
  return { name, ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.plural };
}

export function notFound(resource: GroupResource, name: string): Refusal {
  return new Refusal(404, 'NotFound', `${groupResource(resource)} "${name}" not found`, details(resource, name));
}

/** The answer for a path under a known group that names no resource. */
export function unknownResource(): Refusal {
  return new Refusal(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(resource: GroupResource, name: string, terminating: boolean): Refusal {
  const message = `${groupResource(resource)} "${name}" already exists`;
  return new Refusal(409, 'AlreadyExists', terminating ? `object is being deleted: ${message}` : message, details(resource, name));
}

export function conflict(resource: GroupResource, name: string, why: string): Refusal {
  return new Refusal(409, 'Conflict', `Operation cannot be fulfilled on ${groupResource(resource)} "${name}": ${why}`, details(resource, name));
}

/** Somebody wrote since the caller read. */
export function modified(resource: GroupResource, name: string): Refusal {
  return conflict(resource, name, 'the object has been modified; please apply your changes to the latest version and try again');
}

export function badRequest(message: string): Refusal {
  return new Refusal(400, 'BadRequest', message);
}

export function internal(message: string): Refusal {
  return new Refusal(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

export function forbidden(resource: GroupResource, name: string, why: string, causes?: readonly { reason: string; message: string }[]): Refusal {
  const what = name === '' ? groupResource(resource) : `${groupResource(resource)} "${name}"`;
  return new Refusal(403, 'Forbidden', `${what} is forbidden: ${why}`, { ...details(resource, name), ...(causes === undefined ? {} : { causes }) });
}

export function methodNotAllowed(): Refusal {
  return new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** The object breaks rules of its kind: all of them in one answer. */
export function invalid(kind: { readonly group: string; readonly kind: string }, name: string, errors: readonly FieldError[]): Refusal {
  // What is wrong with the object as a whole.
  const fieldOf = ({ field }: FieldError) => (field === '' ? '<nil>' : field);
  const lines = errors.map((error) => `${fieldOf(error)}: ${error.message}`);
  const what = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const message = `${what} "${name}" is invalid: ${lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`}`;
  return new Refusal(422, 'Invalid', message, {
    name,
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    causes: errors.map((error) => ({ reason: error.reason, message: error.message, field: fieldOf(error) })),
  });
}

/** A query parameter that makes no sense: Kubernetes reports it as an invalid options object. */
export function invalidOptions(kind: string, errors: readonly FieldError[]): Refusal {
  return invalid({ group: 'meta.k8s.io', kind }, '', errors);
}

/** The revision asked for is older than the history that is kept. */
export function expired(message: string): Refusal {
  return new Refusal(410, 'Expired', message);
}

/** 401: nobody we know. */
export function unauthorised(): Refusal {
  return new Refusal(401, 'Unauthorized', 'Unauthorized');
}
