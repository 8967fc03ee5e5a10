/** Why a conversation over SSH came to nothing. */
export class SshEnded extends Error {
  readonly why:
    | 'host-key'
    | 'credentials'
    | 'private-key'
    | 'no-file'
    | 'malformed-answer'
    | 'connection-reset';
  /** The host key that was shown in place of the one that is known. */
  readonly seen: string | null;

  constructor(why: SshEnded['why'], seen: string | null = null) {
    super(why);
    this.why = why;
    this.seen = seen;
  }
}
