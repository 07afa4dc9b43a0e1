/**
 * tsyringe, on which the certificate library rests, refuses to load without it. It stands in a module of its own because
 * the bundler runs an ES module before a CommonJS one that is imported above it.
 */
import 'reflect-metadata';
