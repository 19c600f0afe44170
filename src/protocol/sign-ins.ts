/** A client as the authorization server knows it. */
export interface KeptClient {
  client_id: string;
  client_secret?: string | undefined;
  /** Where it may send a browser back to; absent for one that the team names. */
  redirect_uris?: readonly string[] | undefined;
}

export interface KeptTokens {
  access_token: string;
  refresh_token?: string | undefined;
  /** What was granted, as far as it is known. */
  scope?: string | undefined;
  /** Milliseconds since 1970; absent: not said. */
  expires_at?: number | undefined;
}

/** What is kept of a sign-in at one server, for one principal. */
export interface KeptSignIn {
  /** The authorization server that gave both; at another one neither counts. */
  issuer: string;
  client: KeptClient;
  tokens?: KeptTokens | undefined;
}

/** Where sign-ins are kept, outside of sessions, by principal and server (R31). */
export interface SignInStore {
  read(principal: string, url: string): Promise<KeptSignIn | undefined>;
  /** As one act between processes; `undefined` forgets it. Gives what stands there then. */
  change(
    principal: string,
    url: string,
    edit: (kept: KeptSignIn | undefined) => KeptSignIn | undefined | Promise<KeptSignIn | undefined>,
  ): Promise<KeptSignIn | undefined>;
  /** The servers that something is kept for. */
  urls(principal: string): Promise<readonly string[]>;
}
