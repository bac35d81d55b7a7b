import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javaConf, nativeConf } from './conf.ts';

const HEAP = '-XX:MaxRAMPercentage=75 -XX:InitialRAMPercentage=75 -XX:MinRAMPercentage=75';

// spec/doris-operator.md §13, from the existing operator's own tests.
test('front ends: lines in key order, and heap options by share of memory last', () => {
  assert.equal(
    javaConf({ sys_log_level: 'INFO', http_port: '8030', rpc_port: '9020' }),
    `http_port=8030\nrpc_port=9020\nsys_log_level=INFO\nJAVA_OPTS="${HEAP}"`,
  );
});

test('front ends: own Java options stay, but for fixed heap and stack sizes', () => {
  const own = '-Djavax.security.auth.useSubjectCredsOnly=false -Xss4m -Xmx8192m -XX:+UseMembar -XX:SurvivorRatio=8';
  assert.equal(
    javaConf({ http_port: '8030', JAVA_OPTS: own }),
    `JAVA_OPTS="-Djavax.security.auth.useSubjectCredsOnly=false -XX:+UseMembar -XX:SurvivorRatio=8 ${HEAP}"\nhttp_port=8030`,
  );
});

test('back ends: Java options are quoted and nothing else changes', () => {
  assert.equal(nativeConf({ JAVA_OPTS: '-Xmx1g -Xss4m', ' be_port ': ' 9060 ' }), 'JAVA_OPTS="-Xmx1g -Xss4m"\nbe_port=9060');
});
