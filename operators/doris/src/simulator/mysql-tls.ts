import { TLSSocket, createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { Duplex } from 'node:stream';
import { confValue } from './container.ts';
import type { Container } from './container.ts';
import { fePath } from './fe-self.ts';

/** The server's side of TLS: what it shows, and whether clients have to show something as well. */
export interface ServerTls {
  readonly secureContext: SecureContext;
  readonly clientCertificate: 'taken' | 'required';
}

/**
 * As the front end's file says at the start; `undefined`: no TLS is offered. The stores are read for each connection, as Doris does: one that was renewed counts
 * at once. Of the clients' authorities, which Doris reads from its second store, the PEM beside it is read: Node takes no store without a key.
 */
export function serverTls(container: Container): () => ServerTls | undefined {
  const conf = (key: string) => confValue(container, fePath(container), key);
  if (conf('enable_ssl') !== 'true') return () => undefined;
  const [store, authorities] = [conf('mysql_ssl_default_server_certificate') ?? '', conf('mysql_ssl_default_ca_certificate') ?? ''];
  const passphrase = conf('mysql_ssl_default_server_certificate_password') ?? 'doris';
  const clientCertificate = conf('ssl_force_client_auth') === 'true' ? 'required' : 'taken';
  return () => {
    const pfx = Buffer.from(container.readFile(store) ?? '', 'latin1');
    const ca = container.readFile(`${authorities.slice(0, authorities.lastIndexOf('/'))}/ca.crt`) ?? '';
    return { secureContext: createSecureContext({ pfx, passphrase, ca }), clientCertificate };
  };
}

/** Goes on with a stream encrypted; what is read and written from now on is in clear only here. */
export function serverSide(stream: Duplex, { secureContext, clientCertificate }: ServerTls): Duplex {
  const wire = new TLSSocket(stream, { isServer: true, secureContext, requestCert: true, rejectUnauthorized: clientCertificate === 'required' });
  wire.on('error', () => wire.destroy());
  wire.once('close', () => stream.destroy());
  stream.once('close', () => wire.destroy());
  return wire;
}
