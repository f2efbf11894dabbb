/** The package ships no types; these are the parts labform uses. */
declare module "fs-native-extensions" {
  /** False while another open file description holds the lock. */
  export function tryLock(fd: number): boolean;
}
