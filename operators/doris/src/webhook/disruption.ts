/** A member of a component, as the cache has it. */
export interface Peer {
  readonly pod: string;
  /** Ready, not on its way out, and alive in Doris' eyes when it was last asked. */
  readonly serving: boolean;
  /** Front ends: it has a vote. Back ends: it holds tablets, or may. */
  readonly counts: boolean;
}

/** What the loss of one pod would mean. `costly`: there is a better moment. */
export type Disruption = { readonly type: 'harmless' } | { readonly type: 'outage' | 'costly'; readonly message: string };

const HARMLESS: Disruption = { type: 'harmless' };

/** Where the last copies of tablets are that can be reached while these pods are `away`: `tablets` by pod; who is not in it holds none. */
export interface Copies {
  readonly away: readonly string[];
  readonly tablets: ReadonlyMap<string, number>;
}

/**
 * What it means when a pod goes now. Of front ends more than half of the voters must stay (spec/doris-field-notes.md §3.7). Of back ends the next one may go when
 * every tablet then still has a copy on one that serves; where the copies lie is known once the operator has looked (`copies`), and until then, or when it looked
 * while fewer were away, one at a time may be: two nodes may hold all copies of a tablet. Where every moment is as bad as this one, as with a single front end,
 * it is an `outage` and no reason to refuse: nobody would ever get through.
 */
export function disruption(component: 'fe' | 'be', pod: string, peers: readonly Peer[], copies?: Copies): Disruption {
  const own = peers.find((one) => one.pod === pod);
  // What does not serve is lost already, and what does not count is not missed.
  if (own === undefined || !own.serving || !own.counts) return HARMLESS;
  return component === 'fe' ? ofVoter(own, peers) : ofHolder(own, peers, copies);
}

function ofVoter({ pod }: Peer, peers: readonly Peer[]): Disruption {
  const voters = peers.filter(({ counts }) => counts);
  const quorum = Math.floor(voters.length / 2) + 1;
  const serving = voters.filter((one) => one.serving);
  if (serving.length < quorum || serving.length - 1 >= quorum) return HARMLESS;
  if (voters.length - 1 < quorum) {
    return { type: 'outage', message: `without ${pod} the front ends have no quorum, and Doris does not answer, until it is back: ${votes(voters.length)}` };
  }
  const away = names(voters.filter((one) => !one.serving));
  return {
    type: 'costly',
    message: `${away} not serving already: without ${pod} only ${serving.length - 1} of ${votes(voters.length)}, and ${quorum} are needed`,
  };
}

function ofHolder({ pod }: Peer, peers: readonly Peer[], copies: Copies | undefined): Disruption {
  const others = peers.filter((one) => one.counts && one.pod !== pod);
  const away = others.filter((one) => !one.serving);
  if (away.length > 0 && copies !== undefined && away.every((one) => copies.away.includes(one.pod))) {
    const last = copies.tablets.get(pod) ?? 0;
    if (last > 0) return { type: 'costly', message: `${names(away)} not serving, and ${pod} holds the last copy of ${last} tablets that can be reached` };
    return { type: 'outage', message: `${names(away)} not serving already: tables with copies on ${pod} as well may take no loads until one is back` };
  }
  if (away.length > 0) {
    return { type: 'costly', message: `${names(away)} not serving already: ${pod} may hold the last copy of data that can be reached` };
  }
  if (others.length === 0) return { type: 'outage', message: `${pod} holds all data: Doris cannot read it until it is back` };
  return HARMLESS;
}

const votes = (count: number): string => (count === 1 ? 'it has the only vote' : `${count} front ends with a vote`);
const names = (peers: readonly Peer[]): string => `${peers.map(({ pod }) => pod).join(' and ')} ${peers.length === 1 ? 'is' : 'are'}`;
