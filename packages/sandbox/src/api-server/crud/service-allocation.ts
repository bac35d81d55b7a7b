import { isIP } from 'node:net';
import { invalid } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { Refusal } from '../../refusal.ts';
import type { ApiObject } from '../object.ts';
import { list, record } from '../object.ts';
import type { Store } from '../store/store.ts';

/** Cluster IPs are 10.96.0.0/16, without the first ten, which are for the cluster's own services. */
const FIRST_HOST = 10;
const LAST_HOST = 65_534;
const FIRST_PORT = 30_000;
const LAST_PORT = 32_767;

/** Gives out what Services need only one of in the cluster: the lowest that no stored Service has, and that was not given out for this write. */
export function addressAllocation(store: Store): { readonly clusterIP: () => string; readonly nodePort: () => number } {
  const { hosts, ports } = takenIn(store);
  const given = { hosts: new Set<number>(), ports: new Set<number>() };
  return {
    clusterIP() {
      const host = hosts.lowest(given.hosts);
      if (host > LAST_HOST) throw exhausted('range is full');
      given.hosts.add(host);
      return `10.96.${host >> 8}.${host & 255}`;
    },
    nodePort() {
      const port = ports.lowest(given.ports);
      if (port > LAST_PORT) throw exhausted('provided port is not available: range is full');
      given.ports.add(port);
      return port;
    },
  };
}

/** How a refusal of an address ends that another Service has. */
export const ALREADY_ALLOCATED = 'provided IP is already allocated';

/** Of the first address that is none of the cluster's. Source: pkg/registry/core/service/ipallocator/cidrallocator.go, `Allocate`. */
function foreignErrors(addresses: readonly unknown[], before: ApiObject | undefined): readonly FieldError[] {
  const old = list(record(before?.['spec'])['clusterIPs']);
  const foreign = addresses.filter((one) => typeof one === 'string').find((one) => isIP(one) === 4 && !one.startsWith('10.96.') && !old.includes(one));
  if (foreign === undefined) return [];
  return [invalid('spec.clusterIPs', addresses, `failed to allocate IP ${foreign}: the provided network does not match the current range`)];
}

/** What a Service wants for itself and another one has, or nobody can have. `before`: what it is to replace, whose own it keeps. */
export function takenErrors(store: Store, service: ApiObject, before: ApiObject | undefined): readonly FieldError[] {
  const { hosts, ports } = takenIn(store);
  const own = { hosts: before === undefined ? [] : hostsOf(before), ports: before === undefined ? [] : portsOf(before) };
  const spec = record(service['spec']);
  const addresses = list(spec['clusterIPs']);
  const host = hostsOf(service).find((one) => hosts.has(one) && !own.hosts.includes(one));
  const why = host === undefined ? '' : `failed to allocate IP 10.96.${host >> 8}.${host & 255}: ${ALREADY_ALLOCATED}`;
  return [
    ...foreignErrors(spec['type'] === 'ExternalName' ? [] : addresses, before),
    ...(host === undefined ? [] : [invalid('spec.clusterIPs', addresses, why)]),
    ...list(spec['ports']).flatMap((port, index) => {
      const { nodePort } = record(port);
      if (typeof nodePort !== 'number' || !ports.has(nodePort) || own.ports.includes(nodePort)) return [];
      return [invalid(`spec.ports[${index}].nodePort`, nodePort, 'provided port is already allocated')];
    }),
  ];
}

/** Numbers from `first` on, of which some are taken, by one or more. */
class Numbers {
  readonly #taken = new Map<number, number>();
  /** None below it is free. */
  #from: number;
  readonly #first: number;

  constructor(first: number) {
    this.#first = first;
    this.#from = first;
  }

  take(number: number): void {
    this.#taken.set(number, (this.#taken.get(number) ?? 0) + 1);
  }

  giveBack(number: number): void {
    const left = (this.#taken.get(number) ?? 0) - 1;
    if (left > 0) return void this.#taken.set(number, left);
    this.#taken.delete(number);
    if (number >= this.#first) this.#from = Math.min(this.#from, number);
  }

  has(number: number): boolean {
    return this.#taken.has(number);
  }

  /** The lowest that nobody has and that is not in `but`. */
  lowest(but: ReadonlySet<number>): number {
    while (this.#taken.has(this.#from)) this.#from += 1;
    let number = this.#from;
    while (this.#taken.has(number) || but.has(number)) number += 1;
    return number;
  }
}

interface Taken {
  readonly hosts: Numbers;
  readonly ports: Numbers;
}

const takenOf = new WeakMap<Store, Taken>();

/** What the Services of a store have, kept with each write for as long as the store lives: with thousands of them no write looks at all. */
function takenIn(store: Store): Taken {
  const known = takenOf.get(store);
  if (known !== undefined) return known;
  const taken: Taken = { hosts: new Numbers(FIRST_HOST), ports: new Numbers(FIRST_PORT) };
  takenOf.set(store, taken);
  const each = (object: ApiObject, what: 'take' | 'giveBack') => {
    for (const host of hostsOf(object)) taken.hosts[what](host);
    for (const port of portsOf(object)) taken.ports[what](port);
  };
  for (const { object } of store.list('services', '')) each(object, 'take');
  store.subscribe('services', ({ before, now, removed }) => {
    if (before !== undefined) each(before.object, 'giveBack');
    if (!removed) each(now.object, 'take');
  });
  return taken;
}

function hostsOf(object: ApiObject): readonly number[] {
  const spec = record(object['spec']);
  const addresses = new Set([spec['clusterIP'], ...list(spec['clusterIPs'])]);
  return [...addresses].flatMap((address) => {
    const match = /^10\.96\.(\d+)\.(\d+)$/.exec(String(address));
    return match === null ? [] : [Number(match[1]) * 256 + Number(match[2])];
  });
}

function portsOf(object: ApiObject): readonly number[] {
  const spec = record(object['spec']);
  return [...list(spec['ports']).map((port) => record(port)['nodePort']), spec['healthCheckNodePort']].filter((port) => typeof port === 'number');
}

function exhausted(why: string): Refusal {
  return new Refusal(500, 'InternalError', `failed to allocate: ${why}`);
}
