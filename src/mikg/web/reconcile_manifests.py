"""What the reconciliation service says of itself, in both versions of the specification."""

from flask import current_app
from flask_babel import gettext as _

from mikg import __version__
from mikg.namespaces import ID, MIKG
from mikg.web import addresses
from mikg.web import reconcile_saying as saying
from mikg.web.frame import offered
from mikg.web.reconcile_reading import BATCH

WIDTH, HEIGHT = 420, 180  # of a preview, in pixels
DEFAULT_TYPES = ("Country", "Organisation", "Person", "Place", "Event", "Programme", "Instrument")


def plain() -> dict:
    root = addresses.home().rstrip("/")
    suggest = {
        what: {
            "service_url": root,
            "service_path": f"/reconcile/suggest/{what}",
            "flyout_service_url": root,
            "flyout_service_path": f"/reconcile/flyout/{what}?id=${{id}}",
        }
        for what in ("entity", "property", "type")
    }
    return {
        "versions": ["0.1", "0.2"],
        **_described(root),
        "identifierSpace": ID,
        "schemaSpace": MIKG,
        "view": {"url": root + "/id/{{id}}"},
        "feature_view": {"url": root + "/ontology#{{id}}"},
        "suggest": suggest,
        "preview": {"url": root + "/reconcile/preview?id={{id}}", "width": WIDTH, "height": HEIGHT},
        "extend": {
            "propose_properties": {"service_url": root, "service_path": "/reconcile/extend/propose"},
            "property_settings": [
                {
                    "name": "limit",
                    "label": _("Limit"),
                    "type": "number",
                    "default": 0,
                    "help_text": _("At most so many values in a cell; 0 for all"),
                }
            ],
        },
    }


def draft() -> dict:
    root = addresses.home().rstrip("/")
    setting = {
        "id": "limit",
        "name": _("Limit"),
        "type": "number",
        "default": 0,
        "helpText": _("At most so many values in a cell; 0 for all"),
    }
    return {
        "versions": ["1.0-draft"],
        **_described(root),
        "lang": saying.language(),
        "dir": "ltr",
        "view": {"url": root + "/id/{id}"},
        "standardizedScore": True,
        "suggest": {"entity": True, "property": True, "type": True},
        "preview": {"width": WIDTH, "height": HEIGHT},
        "extend": {"proposeProperties": True, "propertySettings": [setting]},
    }


def _described(root: str) -> dict:
    types = [each for each in current_app.vocabulary.types() if each.id in DEFAULT_TYPES]
    return {
        "name": _("mikg, a knowledge graph of migration policy"),
        "documentation": root + ("/links" if offered("/links") else "/"),
        "serviceVersion": __version__,
        "defaultTypes": [{"id": each.id, "name": name} for each, name in saying.named(types)],
        "batchSize": BATCH,
    }
