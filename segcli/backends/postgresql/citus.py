"""Citus, which makes several servers one: how the tables are distributed, and what `doctor` says about it."""

from segcli.backends.postgresql.wire import Wire

_IS_INSTALLED = "SELECT 1 FROM pg_extension WHERE extname = 'citus'"
_DISTRIBUTED = ("membership", "membership_size", "change", "change_accounts")
_NODES = (
    "SELECT nodename || ':' || nodeport FROM pg_dist_node WHERE groupid <> 0 AND noderole = 'primary'"
    " ORDER BY nodename, nodeport"
)


def is_installed(wire: Wire) -> bool:
    """Whether the database is one of Citus."""
    return wire.run(_IS_INSTALLED).fetchone() is not None


def distribute_tables() -> tuple[str, ...]:
    """The statements that distribute empty tables.

    Segments are on every node, and everything that belongs to one segment is on one of them. Customers are
    distributed by their ids. The key of a distributed table must contain what it is distributed by.
    """
    return (
        "SET LOCAL citus.multi_shard_modify_mode TO 'sequential'",
        "ALTER TABLE change DROP CONSTRAINT change_pkey, ADD PRIMARY KEY (segment_id, id)",
        "SELECT create_reference_table('segment_record')",
        "SELECT create_reference_table('customer_version')",
        f"SELECT create_distributed_table('{_DISTRIBUTED[0]}', 'segment_id')",
        *(
            f"SELECT create_distributed_table('{table}', 'segment_id', colocate_with => '{_DISTRIBUTED[0]}')"
            for table in _DISTRIBUTED[1:]
        ),
        "SELECT create_distributed_table('customer', 'id', colocate_with => 'none')",
    )


def describe(wire: Wire, schema: str) -> str:
    """The workers and the distributed tables, for people."""
    nodes = [row[0] for row in wire.run(_NODES).fetchall()]
    tables = wire.run(
        "SELECT relname::text FROM pg_dist_partition JOIN pg_class ON pg_class.oid = logicalrelid"
        " JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = ? AND partmethod = 'h'"
        " ORDER BY relname",
        [schema],
    ).fetchall()
    distributed = ", ".join(row[0] for row in tables) or "no tables yet"
    return f"Citus with {len(nodes)} workers ({', '.join(nodes)}); distributed: {distributed}"
