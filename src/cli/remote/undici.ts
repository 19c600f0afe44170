/** What of undici the command needs for sockets; a module of its own, loaded when it is used. */
export { Agent, fetch } from 'undici';
