export { CONFIG_ERRORS, configError } from './errors.ts';
export { type ConfigFault, type ConfigResult, readConfig } from './load.ts';
export { resolveSecret, secretReference, type SecretSources } from './secret.ts';
