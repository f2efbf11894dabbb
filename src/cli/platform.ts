/** `linux_amd64`: a platform as Terraform and Go name it, for what Node calls `linux` and `x64`. */
export function platformName(platform: string, architecture: string): string {
  return `${systems[platform] ?? platform}_${architectures[architecture] ?? architecture}`;
}

const systems: { readonly [platform: string]: string } = { win32: "windows", sunos: "solaris" };
const architectures: { readonly [architecture: string]: string } = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };

/** What `labform version` shows. */
export function versionText(version: string, platform: string): string {
  return `labform v${version}\non ${platform}\n`;
}
