import { DorisError } from './error.ts';

/** `host:port`, checked: the only thing about a node that goes into a statement. */
export type HostPort = string & { readonly __brand: 'HostPort' };

const PORT_MAX = 65_535;

/** @throws {DorisError} `unreadable`: not a host name or address, or not a port. */
export function hostPort(host: string, port: number): HostPort {
  if (!/^[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?$/.test(host) || !Number.isInteger(port) || port < 1 || port > PORT_MAX) {
    throw new DorisError('unreadable', `not a host and a port: ${JSON.stringify(host)}, ${port}`);
  }
  return `${host}:${port}` as HostPort;
}
