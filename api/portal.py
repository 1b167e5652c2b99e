"""The wired parts of one running portal, handed to every request."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from api.clock import present
from api.cost_budget import CostBudget
from api.limit_settings import budget_of, workers_of
from api.settings import Settings
from auth.keys import KeyRing
from auth.networks import within
from auth.passwords import Hasher
from auth.plane import Plane
from auth.principals import Origin
from auth.store import CredentialStore
from auth.tokens import CONSOLE, AccessTokens
from sla.policy import Library
from tenants.accounts.credentials import account_store
from tenants.catalog.audit import seal_catalog_entries
from tenants.catalog.directory import TenantDirectory, TenantRecord
from tenants.catalog.operator_credentials import operator_store
from tenants.databases.engines import Engines
from tenants.databases.scopes import CatalogScope, TenantScope
from tenants.jobs.worker import Chore, Worker
from tenants.mails.carriers import Carrier
from tenants.mails.postman import Office, Postman
from tenants.mails.writing import Sender, Writer
from tenants.provisioning.service import Workshop, work_orders
from tenants.upkeep.keeping import keep_backups_aside, thin_out_backups
from tenants.upkeep.reaping import reap
from tenants.upkeep.relocating import Yard


@dataclass(frozen=True, slots=True)
class Portal:
    """Made once by `open_portal`; holds no state of any request."""

    settings: Settings
    library: Library
    engines: Engines
    catalog: CatalogScope
    tenants: TenantDirectory
    keys: KeyRing
    tokens: AccessTokens
    hasher: Hasher
    carrier: Carrier
    writer: Writer
    budget: CostBudget

    def account_plane(self, tenant: TenantRecord, scope: TenantScope, origin: Origin) -> Plane:
        """Sign-in of one customer's accounts."""
        return self._plane(
            account_store(scope, origin, self.keys),
            str(tenant.id),
            tenant.name,
            (tenant.name, tenant.slug),
            origin,
            console=False,
        )

    def operator_plane(self, origin: Origin) -> Plane:
        """Sign-in of the vendor's operators."""
        store = operator_store(self.catalog, origin, self.keys)
        plane = self._plane(store, CONSOLE, "console", (), origin, console=True)
        return replace(plane, admitted=self.admits_operators(origin))

    def admits_operators(self, origin: Origin) -> bool:
        """Whether operators may come from this address: `SLAPORTAL_OPERATOR_NETWORKS` (QX-120)."""
        return within(origin.address, self.settings.operator_networks)

    def _plane(
        self,
        store: CredentialStore,
        audience: str,
        label: str,
        names: tuple[str, ...],
        origin: Origin,
        *,
        console: bool,
    ) -> Plane:
        return Plane(
            store=store,
            hasher=self.hasher,
            keys=self.keys,
            tokens=self.tokens,
            rules=self.settings.sign_in_rules(console=console),
            audience=audience,
            label=f"slaportal {label}",
            names=names,
            address=origin.address,
        )

    def workshop(self) -> Workshop:
        """The parts that customers are made with."""
        return Workshop(self.engines, self.catalog, self.tenants, self.library, self.keys)

    def yard(self, clock: Callable[[], datetime]) -> Yard:
        """The parts that databases are moved, kept and restored with."""
        return Yard(
            engines=self.engines,
            catalog=self.catalog,
            tenants=self.tenants,
            scratch=self.settings.data / "scratch",
            backups=self.settings.backups_path,
            clock=clock,
        )

    def postman(self, clock: Callable[[], datetime]) -> Postman:
        """Sends what waits; one for each worker."""
        office = Office(
            keys=self.keys,
            tenants=self.tenants,
            catalog=self.catalog,
            library=self.library,
            writer=self.writer,
            addresses=self.settings.addresses(),
            carrier=self.carrier,
            clock=clock,
        )
        return Postman(office)

    def worker(self, clock: Callable[[], datetime]) -> Worker:
        """The loop beside the API."""
        postman = self.postman(clock)
        return Worker(self.tenants, self.catalog, self.chores(clock, postman), postman.collect)

    def chores(self, clock: Callable[[], datetime], postman: Postman) -> Sequence[Chore]:
        """What the worker does beside its visits, each so many seconds after it was done the last time."""
        yard, intervals = self.yard(clock), self.settings.backup_intervals()
        return (
            Chore("mails", 0.25, postman.send_round),
            Chore("operators' mails", 1.0, postman.collect_operators),
            Chore("sealing", 1.0, partial(seal_catalog_entries, self.catalog)),
            Chore("keys", 5.0, self._follow_keys),
            Chore("orders", 1.0, partial(work_orders, self.workshop())),
            Chore("reaping", 15.0, partial(reap, yard)),
            Chore("backups", 30.0, partial(keep_backups_aside, yard, intervals)),
            Chore("thinning", 24 * 3_600.0, partial(thin_out_backups, yard)),
        )

    async def _follow_keys(self, _now: datetime) -> None:
        """For a worker that answers no requests; a file that it cannot read is told by every failed chore."""
        if not self.keys.follow():
            KeyRing.load(self.settings.keys_path)

    async def close(self) -> None:
        self.hasher.close()
        await self.engines.close()


def open_portal(settings: Settings) -> Portal:
    """Wires the parts; reads the keys and the policies, opens no connection yet.

    Raises `KeysFileMissing` where there are no keys: nothing starts without them; `MailSettingWrong` where mails
    could not be sent.
    """
    keys = KeyRing.load(settings.keys_path)
    servers = settings.servers(keys.derive("database roles"))
    engines = Engines(
        servers, settings.catalog(), connections=settings.connections, wait=settings.connection_wait
    )
    catalog = CatalogScope(engines.catalog())
    return Portal(
        settings=settings,
        library=Library.load(settings.policies),
        engines=engines,
        catalog=catalog,
        tenants=TenantDirectory(catalog, engines, present),
        keys=keys,
        tokens=AccessTokens(keys, settings.issuer),
        hasher=Hasher(settings.password_rounds, workers_of(settings), settings.hasher_queue),
        budget=budget_of(settings),
        carrier=settings.carrier(),
        writer=Writer(Sender.of(settings.mail_from)),
    )
