// The system's package managers: what the things that we need are called there, and the commands that install them.

/** @typedef {'compiler' | 'make' | 'python3' | 'openblas'} Need */

/** @type {Record<Need, string>} */
export const needNames = {
  compiler: 'a C++17 compiler',
  make: 'make',
  python3: 'Python 3.8 or newer (node-gyp runs on it)',
  openblas: 'OpenBLAS (or CHAINRULE_BLAS, the path of another CBLAS library)',
}

/**
 * @typedef {object} Manager
 * @property {string} program
 * @property {string[]} install
 * @property {string[]} [refresh]  brings the list of packages up to date: only when an install failed without it
 * @property {boolean} asRoot
 * @property {Partial<Record<Need, string>>} packages
 */

/** @type {Manager[]} */
export const managers = [
  {
    program: 'apt-get',
    install: ['apt-get', '-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends'],
    refresh: ['apt-get', 'update'],
    asRoot: true,
    packages: { compiler: 'g++', make: 'make', python3: 'python3', openblas: 'libopenblas0' },
  },
  {
    program: 'dnf',
    install: ['dnf', 'install', '-y'],
    asRoot: true,
    packages: { compiler: 'gcc-c++', make: 'make', python3: 'python3', openblas: 'openblas-threads' },
  },
  {
    program: 'apk',
    install: ['apk', 'add'],
    refresh: ['apk', 'update'],
    asRoot: true,
    packages: { compiler: 'g++', make: 'make', python3: 'python3', openblas: 'openblas' },
  },
  {
    program: 'pacman',
    install: ['pacman', '-S', '--needed', '--noconfirm'],
    asRoot: true,
    packages: { compiler: 'gcc', make: 'make', python3: 'python', openblas: 'openblas' },
  },
  {
    // The compiler and make of macOS are Apple's: `xcode-select --install` opens a window, so we only name it.
    program: 'brew',
    install: ['brew', 'install'],
    asRoot: false,
    packages: { python3: 'python3', openblas: 'openblas' },
  },
]

/**
 * @typedef {object} User
 * @property {boolean} root
 * @property {boolean} sudo  may run sudo without a password
 */

/**
 * The command that installs what is missing, without sudo; null when the manager cannot.
 * @param {Manager | undefined} manager
 * @param {Need[]} missing
 * @returns {string[] | null}
 */
export function installCommand(manager, missing) {
  const packages = missing.map((need) => manager?.packages[need])
  if (!manager || packages.some((name) => name === undefined)) return null
  return [...manager.install, .../** @type {string[]} */ (packages)]
}

/**
 * The command as this user may run it; null when it takes rights that the user does not have.
 * @param {Manager} manager
 * @param {string[]} command
 * @param {User} user
 */
export function asUser(manager, command, user) {
  if (manager.asRoot) return user.root ? command : user.sudo ? ['sudo', '-n', ...command] : null
  return user.root ? null : command // brew refuses to run as root
}

/**
 * What is missing, and the one command that installs it, as text for a person.
 * @param {Need[]} missing
 * @param {Manager | undefined} manager
 * @param {User} user
 * @param {NodeJS.Platform} [platform]
 */
export function explainMissing(missing, manager, user, platform = process.platform) {
  const list = `Missing: ${missing.map((need) => needNames[need]).join('; ')}.`
  if (platform === 'darwin' && missing.some((need) => need === 'compiler' || need === 'make')) {
    return `${list}\nInstall Apple's command line tools with\n\n  xcode-select --install\n`
  }
  const command = installCommand(manager, missing)
  if (!manager || !command)
    return `${list}\nInstall what is missing with your system's package manager, then try again.`
  const sudo = manager.asRoot && !user.root ? 'sudo ' : ''
  const refresh = manager.program === 'apt-get' ? `${sudo}apt-get update && ` : ''
  return `${list}\nInstall what is missing with\n\n  ${refresh}${sudo}${command.filter(isForPeople).join(' ')}\n`
}

/** @param {string} argument */
const isForPeople = (argument) => argument !== '-o' && !argument.startsWith('DPkg::')
