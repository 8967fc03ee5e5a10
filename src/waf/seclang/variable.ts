// The variables that rules can name. Reference: ModSecurity Reference Manual (v3), "Variables".

/**
 * How a variable behaves. `one`: a single value. `many`: members with names. `changing`: it can change between two rules of a phase.
 * `absent`: it is understood, and never has a value here, where there is no disk, network, user, or memory between requests, and a request is never put together again.
 */
export type VariableKind = 'one' | 'many' | 'changing' | 'changing-many' | 'absent';

export const VARIABLES = {
  ARGS: 'many',
  ARGS_COMBINED_SIZE: 'one',
  ARGS_GET: 'many',
  ARGS_GET_NAMES: 'many',
  ARGS_NAMES: 'many',
  ARGS_POST: 'many',
  ARGS_POST_NAMES: 'many',
  AUTH_TYPE: 'absent',
  DURATION: 'absent',
  ENV: 'absent',
  FILES: 'many',
  FILES_COMBINED_SIZE: 'one',
  FILES_NAMES: 'many',
  FILES_SIZES: 'many',
  FILES_TMP_CONTENT: 'many',
  FILES_TMPNAMES: 'absent',
  FULL_REQUEST: 'absent',
  FULL_REQUEST_LENGTH: 'absent',
  GEO: 'absent',
  GLOBAL: 'changing-many',
  HIGHEST_SEVERITY: 'changing',
  INBOUND_DATA_ERROR: 'one',
  IP: 'changing-many',
  MATCHED_VAR: 'changing',
  MATCHED_VAR_NAME: 'changing',
  MATCHED_VARS: 'changing-many',
  MATCHED_VARS_NAMES: 'changing-many',
  MODSEC_BUILD: 'absent',
  MSC_PCRE_LIMITS_EXCEEDED: 'changing',
  MULTIPART_BOUNDARY_QUOTED: 'one',
  MULTIPART_BOUNDARY_WHITESPACE: 'one',
  MULTIPART_CRLF_LF_LINES: 'one',
  MULTIPART_DATA_AFTER: 'one',
  MULTIPART_DATA_BEFORE: 'one',
  MULTIPART_FILE_LIMIT_EXCEEDED: 'absent',
  MULTIPART_FILENAME: 'many',
  MULTIPART_HEADER_FOLDING: 'one',
  MULTIPART_INVALID_HEADER_FOLDING: 'one',
  MULTIPART_INVALID_PART: 'one',
  MULTIPART_INVALID_QUOTING: 'one',
  MULTIPART_LF_LINE: 'one',
  MULTIPART_MISSING_SEMICOLON: 'one',
  MULTIPART_NAME: 'many',
  MULTIPART_PART_HEADERS: 'many',
  MULTIPART_STRICT_ERROR: 'one',
  MULTIPART_UNMATCHED_BOUNDARY: 'one',
  OUTBOUND_DATA_ERROR: 'one',
  PATH_INFO: 'one',
  QUERY_STRING: 'one',
  REMOTE_ADDR: 'one',
  REMOTE_HOST: 'one',
  REMOTE_PORT: 'one',
  REMOTE_USER: 'absent',
  REQBODY_ERROR: 'one',
  REQBODY_ERROR_MSG: 'one',
  REQBODY_PROCESSOR: 'changing',
  REQBODY_PROCESSOR_ERROR: 'one',
  REQBODY_PROCESSOR_ERROR_MSG: 'one',
  REQUEST_BASENAME: 'one',
  REQUEST_BODY: 'one',
  REQUEST_BODY_LENGTH: 'one',
  REQUEST_COOKIES: 'many',
  REQUEST_COOKIES_NAMES: 'many',
  REQUEST_FILENAME: 'one',
  REQUEST_HEADERS: 'many',
  REQUEST_HEADERS_NAMES: 'many',
  REQUEST_LINE: 'one',
  REQUEST_METHOD: 'one',
  REQUEST_PROTOCOL: 'one',
  REQUEST_URI: 'one',
  REQUEST_URI_RAW: 'one',
  RESOURCE: 'changing-many',
  RESPONSE_BODY: 'one',
  RESPONSE_CONTENT_LENGTH: 'one',
  RESPONSE_CONTENT_TYPE: 'one',
  RESPONSE_HEADERS: 'many',
  RESPONSE_HEADERS_NAMES: 'many',
  RESPONSE_PROTOCOL: 'one',
  RESPONSE_STATUS: 'one',
  RULE: 'absent',
  SERVER_ADDR: 'one',
  SERVER_NAME: 'one',
  SERVER_PORT: 'one',
  SESSION: 'changing-many',
  SESSIONID: 'absent',
  STATUS_LINE: 'one',
  TIME: 'one',
  TIME_DAY: 'one',
  TIME_EPOCH: 'one',
  TIME_HOUR: 'one',
  TIME_MIN: 'one',
  TIME_MON: 'one',
  TIME_SEC: 'one',
  TIME_WDAY: 'one',
  TIME_YEAR: 'one',
  TX: 'changing-many',
  UNIQUE_ID: 'one',
  /** Loupe's own: a body that nothing could read as what it says it is, or that says nothing. */
  UNREAD_BODY: 'one',
  URLENCODED_ERROR: 'one',
  USER: 'changing-many',
  USERID: 'absent',
  WEBAPPID: 'absent',
  XML: 'many',
  /** Loupe's own: what a document declares, its type and entities, as written. */
  XML_DECLARATIONS: 'one',
} as const satisfies Record<string, VariableKind>;

export type VariableName = keyof typeof VARIABLES;

const ALIASES: Readonly<Record<string, VariableName>> = {
  MULTIPART_FILENAMES: 'MULTIPART_FILENAME',
  URLENCODED_ERROR: 'URLENCODED_ERROR',
  REQUEST_BODY_PROCESSOR: 'REQBODY_PROCESSOR',
};

function isVariable(name: string): name is VariableName {
  return Object.hasOwn(VARIABLES, name);
}

/** The variable of a name as written in a rule, or null where there is none. */
export function variableNamed(written: string): VariableName | null {
  const name = written.toUpperCase();
  return isVariable(name) ? name : (ALIASES[name] ?? null);
}
