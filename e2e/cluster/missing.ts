import { existsSync } from 'node:fs';
import { found, missingPrograms } from '../found.ts';

/** Programs, and the Debian package that brings each. */
const PROGRAMS: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  nft: 'nftables',
  conntrack: 'conntrack',
  ip: 'iproute2',
  ethtool: 'ethtool',
  socat: 'socat',
  nsenter: 'util-linux',
  busybox: 'busybox',
  openssl: 'openssl',
  curl: 'curl',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  jlink: 'openjdk-17-jdk-headless',
  mvn: 'maven',
};

/** What this machine lacks for a real cluster, one line each; empty: nothing. */
export function missing(): readonly string[] {
  return [
    ...(process.platform === 'linux' && process.arch === 'x64' ? [] : [`Linux on x64; this is ${process.platform} on ${process.arch}`]),
    ...(process.getuid?.() === 0 ? [] : ['root: nodes are made of namespaces, mounts and cgroups']),
    ...missingPrograms(PROGRAMS),
    ...(existsSync('/usr/lib/cni/bridge') ? [] : ['/usr/lib/cni/bridge (Debian package containernetworking-plugins)']),
    ...(found('go') ? [] : ['go, 1.26 or newer']),
  ];
}
