"""The stylesheet of the window. `@name` stands for a colour of `theme.Colors`; distances are multiples of 4 px."""

from __future__ import annotations

STYLESHEET = """
* { dialogbuttonbox-buttons-have-icons: 0; }
QToolTip { background: @base; color: @text; border: 1px solid @border; padding: 4px; }
QMainWindow::separator { width: 1px; height: 1px; background: @border; }
QSplitter::handle { background: @border; }

QMenuBar { background: @window; border-bottom: 1px solid @window; }
QMenuBar::item { padding: 4px 8px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected { background: @hover; }
QMenu { background: @base; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 8px; border-radius: 4px; }
QMenu::item:selected { background: @selected; }
QMenu::item:disabled { color: @muted; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
QMenu::icon { padding-left: 4px; }

QToolBar { background: @window; border: none; border-bottom: 1px solid @border; padding: 4px 8px; spacing: 4px; }
QToolBar::separator { width: 1px; background: @border; margin: 4px; }
QToolButton { border: 1px solid transparent; border-radius: 4px; padding: 3px 6px; background: transparent; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked { background: @selected; }
QToolButton:focus { border-color: @accent; }
QToolButton:disabled { color: @muted; }
QToolButton[field="true"] {
    background: @base; border: 1px solid @border; color: @muted; padding: 3px 8px; min-width: 208px;
}
QToolButton[field="true"]:hover, QToolButton[field="true"]:focus { border-color: @accent; }
QToolButton[fact="true"] { padding: 1px 6px; color: @muted; }
QToolButton[fact="true"]:hover, QToolButton[fact="true"]:focus { color: @text; }
QToolButton[link="true"] { padding: 3px 4px 3px 0; margin-left: -4px; color: @accent; }
QToolButton::menu-indicator { image: none; }

QPushButton { border: 1px solid @border; border-radius: 4px; padding: 4px 12px; background: @base; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @selected; }
QPushButton:focus { border-color: @accent; }
QPushButton:disabled { color: @muted; background: @window; }
QPushButton[primary="true"] { background: @accent; color: @on_accent; border-color: @accent; font-weight: 600; }
QPushButton[primary="true"]:hover, QPushButton[primary="true"]:focus { border-color: @text; }
QPushButton[primary="true"]:disabled { background: @window; color: @muted; border-color: @border; }
QPushButton[small="true"] { padding: 1px 8px; }

QLineEdit, QComboBox { min-height: 18px; }
QLineEdit, QComboBox, QPlainTextEdit[field="true"] {
    background: @base; border: 1px solid @border; border-radius: 4px; padding: 3px 6px;
    selection-background-color: @accent; selection-color: @on_accent;
}
QLineEdit:focus, QComboBox:focus, QPlainTextEdit[field="true"]:focus { border-color: @accent; }
QComboBox[invalid="true"], QComboBox[invalid="true"]:focus,
QLineEdit[invalid="true"], QLineEdit[invalid="true"]:focus, QPlainTextEdit[invalid="true"],
QPlainTextEdit[invalid="true"]:focus { border-color: @removed; }
QLineEdit[bare="true"] { border: none; border-radius: 0; background: @base; padding: 0 4px; }
QLineEdit[cell="true"] { border: 1px solid @accent; border-radius: 0; padding: 0 4px; min-height: 0; }
QLineEdit:disabled, QComboBox:disabled, QLineEdit:read-only { background: @window; color: @muted; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url(@chevron); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @base; border: 1px solid @border; padding: 4px; outline: none; }
QPlainTextEdit, QTextBrowser {
    background: @base; border: none; border-left: 2px solid @base;
    selection-background-color: @selected; selection-color: @text;
}

QPlainTextEdit:focus, QTextBrowser:focus { border-left-color: @accent; }

QTreeView, QTableView, QListView { background: @base; border: none; outline: none; }
QListView[accessibleName="Completions"], QListView[accessibleName="Search terms"] { border: 1px solid @border; }
QListView[accessibleName="Completions"]::item, QListView[accessibleName="Search terms"]::item {
    min-height: 24px; padding: 0 4px;
}
QTableView[frozen="true"] { border-right: 1px solid @border; }
QTableView { gridline-color: @border; alternate-background-color: @stripe; }
QTableView::item, QTreeView::item { padding: 0 4px; border: none; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected { background: @selected; color: @text; }
QTableView::item:focus, QTreeView::item:focus, QListView::item:focus { border: 1px solid @accent; }
QHeaderView { background: @base; }
QHeaderView::section {
    background: @base; color: @muted; border: none; border-bottom: 1px solid @border; padding: 4px 8px;
}
QHeaderView::up-arrow, QHeaderView::down-arrow {
    subcontrol-origin: border; subcontrol-position: top center; width: 10px; height: 8px;
}
QHeaderView::down-arrow { image: url(@chevron); }
QHeaderView::up-arrow { image: url(@chevron_up); }
QTableView QHeaderView::section:first, QTableView QHeaderView::section:only-one,
QTreeView[kind="diff"] QHeaderView::section:first { padding-left: 16px; }
QTableView QTableCornerButton::section { background: @base; border: none; }

QTabWidget::pane { border: none; }
QTabBar { background: @window; }
QTabBar::tab { background: transparent; color: @muted; padding: 6px 12px; border: none; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; }
QTabBar[kind="documents"]::tab {
    border-right: 1px solid @border; border-bottom: 1px solid @border; padding: 6px 8px 6px 12px; max-width: 280px;
}
QTabBar[kind="documents"]::tab:selected { background: @base; border-bottom: 1px solid @base; }
QTabBar[kind="documents"]::tab:selected:focus { border-top: 2px solid @accent; padding-top: 4px; }
QTabBar[kind="pages"] { background: @base; }
QTabBar[kind="pages"]::tab { border-bottom: 2px solid transparent; padding: 6px 4px; margin: 0 8px; }
QTabBar[kind="pages"]::tab:selected { border-bottom: 2px solid @accent; }
QTabBar[kind="pages"]::tab:focus { color: @accent; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @border; border-radius: 4px; margin: 2px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: @base; border: none; }
QScrollArea { border: none; background: @base; }
QScrollArea[ground="none"], QScrollArea[ground="none"] > QWidget > QLabel { background: transparent; }

QProgressBar { border: none; border-radius: 3px; background: @border; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { border-radius: 3px; background: @accent; }
QCheckBox, QRadioButton { spacing: 8px; }
QRadioButton::indicator { width: 12px; height: 12px; border: 1px solid @muted; border-radius: 7px; background: @base; }
QRadioButton::indicator:checked {
    width: 6px; height: 6px; border: 4px solid @accent; border-radius: 7px; background: @on_accent;
}
QRadioButton:focus, QCheckBox:focus { color: @accent; }
QCheckBox::indicator:focus, QCheckBox::indicator:hover { border-color: @accent; }
QTableView::indicator, QCheckBox::indicator {
    width: 14px; height: 14px; border: 1px solid @muted; border-radius: 3px; background: @base;
}
QTableView::indicator:checked, QCheckBox::indicator:checked {
    border-color: @accent; background: @accent; image: url(@tick);
}

QStatusBar { background: @window; border-top: 1px solid @border; color: @muted; }
QStatusBar QLabel { color: @muted; }
QStatusBar::item { border: none; }

*[surface="base"] { background: @base; }
*[surface="window"] { background: @window; }
*[line="top"] { border-top: 1px solid @border; }
*[line="bottom"] { border-bottom: 1px solid @border; }
*[tone="muted"] { color: @muted; }
*[tone="error"] { color: @removed; }
*[tone="good"] { color: @added; }
*[tone="changed"] { color: @changed; }
QFrame[banner="warning"] { background: @warning_fill; border-bottom: 1px solid @border; }
QFrame[banner="error"] { background: @error_fill; border-bottom: 1px solid @border; }
QFrame[banner="info"] { background: @info_fill; border-bottom: 1px solid @border; }
QFrame[chip="true"] { background: @window; border: 1px solid @border; border-radius: 4px; }
QFrame[chip="true"]:focus { border-color: @accent; }
QFrame[chip="true"] QToolButton { padding: 0; }
QLabel[chip="true"] {
    background: @window; border: 1px solid @border; border-radius: 4px; padding: 1px 6px; color: @text;
}
QLabel[drop="true"] {
    background: @drop; border: 2px dashed @accent; border-radius: 8px; color: @text; font-weight: 600;
}
QLabel[links="true"] { border-left: 2px solid @base; }
QLabel[links="true"]:focus { border-left-color: @accent; }
QFrame[popup="true"] { background: @base; border: 1px solid @border; border-radius: 8px; }
"""
