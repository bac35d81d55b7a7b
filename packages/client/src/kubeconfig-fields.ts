import { KubeconfigError } from './kubeconfig-error.ts';

/** A part of a kubeconfig, with what an error message says about where it stands. */
export interface Place {
  readonly path: string;
  /** E.g. `user "admin"`; empty for the file itself. */
  readonly where: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The error for a field that cannot be used. `problem` follows the field's name: `is no text`. */
export function at(place: Place, name: string, problem: string, cause?: unknown): KubeconfigError {
  return new KubeconfigError('invalid', describe(place, name, problem), { cause });
}

/** The error for a field that is not there. */
export function missing(place: Place, name: string, why = ''): KubeconfigError {
  return new KubeconfigError('incomplete', describe(place, name, `is missing${why}`));
}

/** A field, `undefined` when it is absent or null. */
export function field(place: Place, name: string): unknown {
  return place.value[name] ?? undefined;
}

/** A text; an empty one counts as absent, as in client-go. */
export function text(place: Place, name: string): string | undefined {
  const value = field(place, name);
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw at(place, name, 'is no text');
  return value;
}

/** A map, as a place of its own. */
export function map(place: Place, name: string): Place | undefined {
  const value = field(place, name);
  if (value === undefined) return undefined;
  if (!isMap(value)) throw at(place, name, 'is no map');
  return { path: place.path, where: place.where === '' ? name : `${place.where}: ${name}`, value };
}

/** A list of maps; an absent one is empty. */
export function list(place: Place, name: string): readonly Place[] {
  const value = field(place, name) ?? [];
  if (!Array.isArray(value)) throw at(place, name, 'is no list');
  return value.map((entry: unknown, index) => {
    if (!isMap(entry)) throw at(place, `${name}[${index}]`, 'is no map');
    return { path: place.path, where: place.where === '' ? `${name}[${index}]` : `${place.where}: ${name}[${index}]`, value: entry };
  });
}

/** A list of texts, `undefined` when it is absent. */
export function texts(place: Place, name: string): readonly string[] | undefined {
  const value = field(place, name);
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) throw at(place, name, 'is no list of texts');
  return value;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe({ path, where }: Place, name: string, problem: string): string {
  return `${path}: ${where === '' ? '' : `${where}: `}${name} ${problem}`;
}
