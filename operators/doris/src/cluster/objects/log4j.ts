/**
 * The broker's log4j 1.x configuration: everything on standard output, INFO and worse in a file a day. Our own wording of the settings in
 * spec/doris-operator.md §3.3; where its bytes differ from those in an existing cluster, brokers restart once when it is taken over.
 */
export const BROKER_LOG4J = `log4j.rootLogger=debug,stdout,D

log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.Target=System.out
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=[%-5p] %d{yyyy-MM-dd HH:mm:ss,SSS} method:%l%n%m%n

log4j.appender.D=org.apache.log4j.DailyRollingFileAppender
log4j.appender.D.File=\${BROKER_LOG_DIR}/apache_hdfs_broker.log
log4j.appender.D.Append=true
log4j.appender.D.Threshold=INFO
log4j.appender.D.layout=org.apache.log4j.PatternLayout
log4j.appender.D.layout.ConversionPattern=%-d{yyyy-MM-dd HH:mm:ss}  [ %t:%r ] - [ %p ]  %m%n
`;
