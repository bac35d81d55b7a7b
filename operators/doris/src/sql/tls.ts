/** How a connection to a front end is encrypted. PEM. */
export interface Tls {
  /** Who may have signed the front end's certificate, which must be valid for the host that is connected to. */
  readonly ca: string;
  /** False: a front end that offers no TLS is spoken to in clear. */
  readonly required: boolean;
  /** What we prove ourselves with, if asked. */
  readonly own?: { readonly cert: string; readonly key: string };
}
