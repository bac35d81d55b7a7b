import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, rmSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { file, folder, text } from './folder.ts';
import type { Start } from './oci.ts';
import type { Entry } from './tar.ts';

/** What a member uses of Java: found by running members with fewer. */
const MODULES =
  'java.base,java.desktop,java.logging,java.management,java.naming,java.net.http,java.security.jgss,java.sql,java.xml,jdk.crypto.ec,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs';
const HOME = 'opt/hazelcast';

/**
 * What the image's own start script does as far as the operator's pods use it: class path and arguments of the JVM from the environment.
 * `exec`, so that the member gets the kubelet's SIGTERM. Source: spec/hazelcast-core.md §10.2.
 */
const START = `#!/bin/sh
# JAVA_OPTS is a list of arguments, so it is split here.
exec /opt/java/bin/java $JAVA_OPTS -cp "/opt/hazelcast/lib/*:$CLASSPATH" com.hazelcast.core.server.HazelcastMemberStarter
`;

export const HAZELCAST_START: Start = {
  entrypoint: ['/opt/hazelcast/bin/hz-start'],
  user: '1001:0',
  workdir: `/${HOME}`,
  env: { HZ_HOME: `/${HOME}`, JAVA_HOME: '/opt/java' },
};

/** A Java of the modules that a member needs, linked from this machine's JDK into `cache`, once for each JDK. */
export function java(cache: string, jdk: string): readonly Entry[] {
  const modules = createHash('sha256').update(MODULES).digest('hex').slice(0, 8);
  const linked = join(cache, `java-${jdk}-${modules}`);
  if (!existsSync(linked)) {
    mkdirSync(cache, { recursive: true });
    const unfinished = `${linked}.${process.pid}`;
    rmSync(unfinished, { recursive: true, force: true });
    execFileSync('jlink', ['--output', unfinished, '--strip-debug', '--no-man-pages', '--no-header-files', '--add-modules', MODULES]);
    renameSync(unfinished, linked);
  }
  return folder(linked, 'opt/java');
}

/** The open-source member of a version: Maven Central's jar, which holds all it needs, kept in `cache`. */
export function jar(cache: string, version: string): readonly Entry[] {
  return [file(download(cache, version), `${HOME}/lib/hazelcast-${version}.jar`), text(`${HOME}/bin/hz-start`, START, 0o755)];
}

/** Path of the open-source jar of a version, from Maven Central, once for a cache. */
export function download(cache: string, version: string): string {
  const path = join(cache, `hazelcast-${version}.jar`);
  if (existsSync(path)) return path;
  const work = join(cache, `maven-${process.pid}`);
  mkdirSync(work, { recursive: true });
  const artifact = `com.hazelcast:hazelcast:${version}`;
  execFileSync('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${work}`], {
    cwd: work,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  copyFileSync(join(work, `hazelcast-${version}.jar`), `${path}.${process.pid}`);
  renameSync(`${path}.${process.pid}`, path);
  rmSync(work, { recursive: true, force: true });
  return path;
}
