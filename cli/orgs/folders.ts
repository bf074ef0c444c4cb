/**
 * The folders that sfetch keeps its files in, by the XDG base directory specification.
 */
import { homedir } from "node:os";
import { join } from "node:path";

/** Where sfetch keeps saved orgs and keys: `$XDG_CONFIG_HOME/sfetch`, by default `~/.config/sfetch`. */
export function configFolder(): string {
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), ".config"), "sfetch");
}

/** Where sfetch keeps what can be had again: `$XDG_CACHE_HOME/sfetch`, by default `~/.cache/sfetch`. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "sfetch");
}

/** Where sfetch keeps the history: `$XDG_STATE_HOME/sfetch`, by default `~/.local/state/sfetch`. */
export function stateFolder(): string {
  return join(process.env.XDG_STATE_HOME || join(homedir(), ".local", "state"), "sfetch");
}
