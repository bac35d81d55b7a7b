import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { TLSSocket, connect, createSecureContext } from 'node:tls';
import type { Network } from '@binnacle/client';
import type { NetworkDoor } from '@binnacle/testing';
import { wantsTls } from '../src/simulator/mysql-packets.ts';

/** What the door shows in a front end's place, and who has signed what front ends show; PEM. */
export interface Shown {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

const HEADER_BYTES = 4;

/**
 * A door that also sees what goes encrypted: between operator and front end it ends TLS and begins it anew, each judging a certificate that the authority has signed.
 * Whether TLS is spoken the two agree on as ever, and what goes in clear goes in clear.
 */
export function throughTls(door: NetworkDoor, { certificate, key, authority }: Shown): NetworkDoor {
  const secureContext = createSecureContext({ cert: certificate, key });
  return (network, fate) => {
    const toServer = upgraded(network, (client, server, servername) => [client, connect({ socket: server, ca: authority, servername })]);
    return upgraded(door(toServer, fate), (client, server) => [new TLSSocket(client, { isServer: true, secureContext }), server]);
  };
}

type Upgrade = (client: Duplex, server: Duplex, host: string) => readonly [client: Duplex, server: Duplex];

/** A network whose streams go on by `upgrade` once the client has told that it wants TLS. */
function upgraded(network: Network, upgrade: Upgrade): Network {
  return {
    async connect(address, signal) {
      const server = await network.connect(address, signal);
      const [outer, client] = duplexPair();
      bound(outer, client);
      bound(client, server);
      const greet = (chunk: Buffer) => void client.write(chunk);
      server.on('data', greet);
      client.once('data', (first: Buffer) => {
        server.off('data', greet);
        server.write(first);
        if (!wantsTls(first.subarray(HEADER_BYTES))) return joined(client, server);
        const [one, other] = upgrade(client, server, address.host);
        if (one !== client) bound(one, client);
        if (other !== server) bound(other, server);
        joined(one, other);
      });
      return outer;
    },
  };
}

function joined(client: Duplex, server: Duplex): void {
  client.on('data', (chunk: Buffer) => void server.write(chunk));
  server.on('data', (chunk: Buffer) => void client.write(chunk));
}

/** As TCP: whoever goes takes the other end with it. */
function bound(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => from.destroy());
    from.once('close', () => to.destroy());
  }
}
