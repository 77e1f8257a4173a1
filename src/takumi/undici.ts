// A file of its own in what is built, so that only who talks to the service parses it. Of a CommonJS package that is
// imported late there would be no names.
export { Agent, EnvHttpProxyAgent, request } from 'undici';
