"""Programs that run inside a build, in a container; they are copied there and import nothing of EnvStudio."""
