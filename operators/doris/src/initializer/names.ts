/** Names of an initializer's objects, as in the existing operator (spec/doris-operator.md §5.1). */
export const secretName = (initializer: string): string => `${initializer}-initr-secret`;
export const configName = (initializer: string): string => `${initializer}-initr-conf`;
export const jobName = (initializer: string): string => `${initializer}-initializer`;
/** The Secret with what scripts from Secrets are fingerprinted under. Not the existing operator's. */
export const saltName = (initializer: string): string => `${initializer}-initr-salt`;

/** On the Job: the number of the run that it is. */
export const RUN = 'al-assad.github.io/run';
/** On a DorisInitializer: a new value runs all of it again, the script too. */
export const RUN_AGAIN = 'al-assad.github.io/run-again';
