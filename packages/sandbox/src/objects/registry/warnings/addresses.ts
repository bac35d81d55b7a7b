import { isIPv4, isIPv6 } from 'node:net';

/** What is odd about an address that is taken all the same. Source: apimachinery, pkg/util/validation/ip.go, `GetWarningsForIP`. */
export function addressWarnings(field: string, address: string): readonly string[] {
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1];
  const plain = mapped ?? (/^\d+(\.\d+){3}$/.test(address) && !isIPv4(address) ? withoutZeros(address) : undefined);
  if (plain !== undefined) return [`${field}: non-standard IP address ${JSON.stringify(address)} is invalid: use ${JSON.stringify(plain)}`];
  if (!isIPv6(address)) return [];
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  if (canonical === address) return [];
  return [`${field}: IPv6 address ${JSON.stringify(address)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`];
}

function withoutZeros(address: string): string {
  return address.split('.').map(Number).join('.');
}
