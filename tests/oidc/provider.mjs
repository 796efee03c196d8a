// An OpenID Connect provider on loopback: node provider.mjs PORT CONFIG.json, which holds { clients, accounts }.
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const [port, file] = process.argv.slice(2);
const { clients, accounts } = JSON.parse(readFileSync(file, "utf8"));
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients,
  claims: { openid: ["sub"], profile: ["preferred_username", "groups"], email: ["email", "email_verified"] },
  cookies: { keys: ["only for tests"] },
  features: { backchannelLogout: { enabled: true } },
  // By itself it tells nobody on loopback that somebody was signed out, and here everybody is.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  pkce: { required: () => true },
  // Whatever is typed as a password fits: what is tested is what comes after it.
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...accounts[id] }) }),
});
// As real ones do behind one host name: the sign-in service is another site than the pages.
provider.listen(Number(port), "127.0.0.1");
