/**
 * The functions Kubernetes adds to CEL, as far as CRDs of the world use them: quantity, URL, regular expressions, lists, strings, sets, IP.
 * A function that is not here is a compile error that names it. Source: spec/sandbox.md §5.1.
 */
import type { Environment } from '@marcbachmann/cel-js';
import { isIPv4, isIPv6 } from 'node:net';
import { jsonEqual } from '../engine/json.ts';
import { re2 } from '../engine/regex.ts';
import { quantityNanos } from './quantity.ts';

/** `matches` is the engine's own and cannot be replaced; expressions are rewritten to call this instead, which speaks RE2. */
export const MATCHES = 're2Matches';

type Items = readonly unknown[];
type Ordered = bigint | number | string;

class Quantity {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

const ONE = 1_000_000_000n;

/** Adds them all to an environment. */
export function registerKubernetes(environment: Environment): void {
  registerQuantity(environment);
  registerUrl(environment);
  registerStrings(environment);
  registerLists(environment);
  registerNetwork(environment);
}

function registerQuantity(environment: Environment): void {
  const parse = (text: string) => {
    const nanos = quantityNanos(text);
    if (nanos === undefined) throw new Error(`quantities must match the regular expression: ${JSON.stringify(text)}`);
    return new Quantity(nanos);
  };
  const compare = (a: Quantity, b: Quantity) => (a.nanos < b.nanos ? -1n : a.nanos > b.nanos ? 1n : 0n);
  environment.registerType('Quantity', Quantity);
  environment.registerFunction('quantity(string): Quantity', parse);
  environment.registerFunction('isQuantity(string): bool', (text: string) => quantityNanos(text) !== undefined);
  environment.registerFunction('Quantity.compareTo(Quantity): int', compare);
  environment.registerFunction('Quantity.isGreaterThan(Quantity): bool', (a: Quantity, b: Quantity) => a.nanos > b.nanos);
  environment.registerFunction('Quantity.isLessThan(Quantity): bool', (a: Quantity, b: Quantity) => a.nanos < b.nanos);
  environment.registerFunction('Quantity.sign(): int', (a: Quantity) => compare(a, new Quantity(0n)));
  environment.registerFunction('Quantity.add(Quantity): Quantity', (a: Quantity, b: Quantity) => new Quantity(a.nanos + b.nanos));
  environment.registerFunction('Quantity.add(int): Quantity', (a: Quantity, b: bigint) => new Quantity(a.nanos + b * ONE));
  environment.registerFunction('Quantity.sub(Quantity): Quantity', (a: Quantity, b: Quantity) => new Quantity(a.nanos - b.nanos));
  environment.registerFunction('Quantity.sub(int): Quantity', (a: Quantity, b: bigint) => new Quantity(a.nanos - b * ONE));
  environment.registerFunction('Quantity.isInteger(): bool', (a: Quantity) => a.nanos % ONE === 0n);
  environment.registerFunction('Quantity.asInteger(): int', (a: Quantity) => {
    if (a.nanos % ONE !== 0n) throw new Error('cannot convert value to integer');
    return a.nanos / ONE;
  });
  environment.registerFunction('Quantity.asApproximateFloat(): double', (a: Quantity) => Number(a.nanos) / Number(ONE));
  environment.registerOperator('Quantity == Quantity', (a: Quantity, b: Quantity) => a.nanos === b.nanos);
}

/** A URL in Go's reading, which keeps what was written: WHATWG drops a default port and adds a slash. */
class KubernetesUrl {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
  constructor(text: string) {
    const [, scheme = '', host = '', path = '', query = ''] =
      /^(?:([a-z][a-z0-9+.-]*):(?:\/\/(?:[^/?#]*@)?([^/?#]*))?)?([^?#]*)(?:\?([^#]*))?/i.exec(text) ?? [];
    this.scheme = scheme.toLowerCase();
    this.host = host;
    this.path = path;
    this.query = new URLSearchParams(query);
  }
}

/** Go takes an absolute URL or an absolute path. */
function isUrl(text: string): boolean {
  return URL.canParse(text) || (text.startsWith('/') && URL.canParse(text, 'http://none'));
}

function registerUrl(environment: Environment): void {
  const parse = (text: string) => {
    if (!isUrl(text)) throw new Error(`URL parse error during conversion from string: ${JSON.stringify(text)}`);
    return new KubernetesUrl(text);
  };
  environment.registerType('kubernetes.URL', KubernetesUrl);
  environment.registerFunction('url(string): kubernetes.URL', parse);
  environment.registerFunction('isURL(string): bool', isUrl);
  environment.registerFunction('kubernetes.URL.getScheme(): string', (url: KubernetesUrl) => url.scheme);
  environment.registerFunction('kubernetes.URL.getHost(): string', (url: KubernetesUrl) => url.host);
  environment.registerFunction('kubernetes.URL.getHostname(): string', (url: KubernetesUrl) => url.host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1'));
  environment.registerFunction('kubernetes.URL.getPort(): string', ({ host }: KubernetesUrl) => /:(\d*)$/.exec(host)?.[1] ?? '');
  environment.registerFunction('kubernetes.URL.getEscapedPath(): string', (url: KubernetesUrl) => url.path);
  environment.registerFunction('kubernetes.URL.getQuery(): map<string, list<string>>', (url: KubernetesUrl) => {
    const query = new Map<string, string[]>();
    for (const [key, value] of url.query) query.set(key, [...(query.get(key) ?? []), value]);
    return query;
  });
}

function registerStrings(environment: Environment): void {
  environment.registerFunction(`string.${MATCHES}(string): bool`, (text: string, pattern: string) => re2(pattern).test(text));
  environment.registerFunction(`${MATCHES}(string, string): bool`, (text: string, pattern: string) => re2(pattern).test(text));
  environment.registerFunction('string.find(string): string', (text: string, pattern: string) => re2(pattern).exec(text)?.[0] ?? '');
  const findAll = (text: string, pattern: string, limit: bigint) => {
    const all = Array.from(text.matchAll(new RegExp(re2(pattern), `${re2(pattern).flags}g`)), ([match]) => match);
    return limit < 0n ? all : all.slice(0, Number(limit));
  };
  environment.registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) => findAll(text, pattern, -1n));
  environment.registerFunction('string.findAll(string, int): list<string>', findAll);
  environment.registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) => text.replaceAll(from, () => to));
  environment.registerFunction('string.replace(string, string, int): string', (text: string, from: string, to: string, limit: bigint) => {
    if (limit < 0n) return text.replaceAll(from, () => to);
    let result = '';
    let rest = text;
    for (let left = limit; left > 0n; left--) {
      const at = rest.indexOf(from);
      if (at < 0 || from === '') break;
      result += rest.slice(0, at) + to;
      rest = rest.slice(at + from.length);
    }
    return result + rest;
  });
  environment.registerFunction('string.charAt(int): string', (text: string, at: bigint) => {
    const characters = Array.from(text);
    if (at < 0n || at > characters.length) throw new Error(`index out of range: ${at}`);
    return characters[Number(at)] ?? '';
  });
  environment.registerFunction('string.reverse(): string', (text: string) => Array.from(text).toReversed().join(''));
}

function registerLists(environment: Environment): void {
  const least = (items: Items, better: (a: Ordered, b: Ordered) => boolean) => {
    if (items.length === 0) throw new Error('min/max called on empty list');
    return (items as readonly Ordered[]).reduce((a, b) => (better(b, a) ? b : a));
  };
  const includes = (items: Items, one: unknown) => items.some((other) => celEqual(one, other));
  environment.registerFunction('list.isSorted(): bool', (items: Items) =>
    items.every((item, index) => index === 0 || (items[index - 1] as Ordered) <= (item as Ordered)),
  );
  environment.registerFunction('list.sum(): dyn', (items: Items) => {
    if (typeof items[0] === 'number') return (items as readonly number[]).reduce((a, b) => a + b, 0);
    return (items as readonly bigint[]).reduce((a, b) => a + b, 0n);
  });
  environment.registerFunction('list.min(): dyn', (items: Items) => least(items, (a, b) => a < b));
  environment.registerFunction('list.max(): dyn', (items: Items) => least(items, (a, b) => a > b));
  environment.registerFunction('list.indexOf(dyn): int', (items: Items, one: unknown) => BigInt(items.findIndex((other) => celEqual(one, other))));
  environment.registerFunction('list.lastIndexOf(dyn): int', (items: Items, one: unknown) => BigInt(items.findLastIndex((other) => celEqual(one, other))));
  const contains = (a: Items, b: Items) => b.every((one) => includes(a, one));
  environment.registerConstant('sets', 'dyn', new SetFunctions());
  environment.registerType('binnacle.Sets', SetFunctions);
  environment.registerFunction('binnacle.Sets.contains(list, list): bool', (_: unknown, a: Items, b: Items) => contains(a, b));
  environment.registerFunction('binnacle.Sets.equivalent(list, list): bool', (_: unknown, a: Items, b: Items) => contains(a, b) && contains(b, a));
  environment.registerFunction('binnacle.Sets.intersects(list, list): bool', (_: unknown, a: Items, b: Items) => a.some((one) => includes(b, one)));
}

/** Carries `sets.contains(a, b)`: to the engine `sets` is a value like any other. */
class SetFunctions {}

function registerNetwork(environment: Environment): void {
  environment.registerFunction('isIP(string): bool', (text: string) => isIPv4(text) || isIPv6(text));
  environment.registerFunction('isCIDR(string): bool', (text: string) => {
    const [address = '', bits = '', ...more] = text.split('/');
    return more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128) && (isIPv4(address) || isIPv6(address));
  });
}

/** Equality of converted values: maps are `Map`, whole numbers bigint. */
function celEqual(a: unknown, b: unknown): boolean {
  if (a instanceof Map) return b instanceof Map && a.size === b.size && a.entries().every(([key, value]) => b.has(key) && celEqual(value, b.get(key)));
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => celEqual(item, b[index]));
  return jsonEqual(a, b);
}
