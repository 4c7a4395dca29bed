#!/usr/bin/env node
'use strict';
/*
 * Starts ocap. Written so that any Node can read it, because the Node that
 * starts it may be too old: then one that is installed beside it takes over.
 */
var fs = require('fs');
var path = require('path');

var NEEDED = [22, 18];
var HANDED_OVER = 'OCAP_LAUNCHED_BY';

main();

function main() {
  if (isNewEnough(process.versions.node)) {
    start();
  } else if (process.env[HANDED_OVER]) {
    // The other one was no better: stop here, or this would go on for ever.
    refuse();
  } else {
    var node = findNode();
    if (node) {
      handOver(node);
    } else {
      refuse();
    }
  }
}

function isNewEnough(version) {
  var parts = version.split('.').map(Number);
  return (
    parts[0] > NEEDED[0] || (parts[0] === NEEDED[0] && parts[1] >= NEEDED[1])
  );
}

function start() {
  var entry = path.join(__dirname, '..', 'dist', 'ocap.cjs');
  if (!fs.existsSync(entry)) {
    fail('ocap is not built yet: run `npm install` in its folder.');
    return;
  }
  delete process.env[HANDED_OVER];
  require('node:module').enableCompileCache(cacheFolder(path.dirname(entry)));
  require(entry);
}

/* Beside the program where that can be written; undefined is Node's default. */
function cacheFolder(dist) {
  try {
    fs.accessSync(dist, fs.constants.W_OK);
    return path.join(dist, '.compile-cache');
  } catch (error) {
    return undefined;
  }
}

/* The binary of the `node` package, from here upward. */
function findNode() {
  var folder = fs.realpathSync(__dirname);
  for (;;) {
    var binary = path.join(folder, 'node_modules', 'node', 'bin', 'node');
    if (works(binary)) {
      return binary;
    }
    var parent = path.dirname(folder);
    if (parent === folder) {
      return undefined;
    }
    folder = parent;
  }
}

function works(binary) {
  if (!fs.existsSync(binary)) {
    return false;
  }
  var asked = require('child_process').spawnSync(binary, ['--version'], {
    encoding: 'utf8',
  });
  return asked.status === 0 && isNewEnough(asked.stdout.trim().slice(1));
}

/* The other process is ours in all but name: its input, output, signals and end are. */
function handOver(node) {
  var child = require('child_process').spawn(
    node,
    [__filename].concat(process.argv.slice(2)),
    {
      stdio: 'inherit',
      env: Object.assign({}, process.env, {
        OCAP_LAUNCHED_BY: process.version,
      }),
    },
  );
  ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach(function (signal) {
    process.on(signal, function () {
      // From a terminal the child has got SIGINT itself; twice would cut its tidying short.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) {
        child.kill(signal);
      }
    });
  });
  child.on('error', function (error) {
    fail('Cannot run ' + node + ': ' + error.message);
  });
  child.on('exit', function (code, signal) {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else {
      process.exitCode = code;
    }
  });
}

function refuse() {
  fail(
    'ocap needs Node ' +
      NEEDED.join('.') +
      ' or newer, and this is ' +
      process.versions.node +
      ': install it from https://nodejs.org, or run `npm install` in the folder of ocap.',
  );
}

function fail(message) {
  process.stderr.write('✗ ' + message + '\n');
  process.exitCode = 1;
}
