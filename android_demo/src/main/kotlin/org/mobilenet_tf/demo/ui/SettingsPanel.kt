package org.mobilenet_tf.demo.ui

import android.view.View
import android.widget.AdapterView
import android.widget.ArrayAdapter
import android.widget.CheckBox
import android.widget.RadioGroup
import android.widget.SeekBar
import android.widget.Spinner
import android.widget.TextView
import org.mobilenet_tf.demo.ModelEntry
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.Accelerator

/** The controls of the settings. onChange: called for a person's changes only. onOpen: called when this opens or closes. */
class SettingsPanel(
    private val root: View,
    private val onChange: (Settings) -> Unit,
    private val onOpen: () -> Unit,
) {
    private val model: Spinner = root.findViewById(R.id.model)
    private val secondModel: Spinner = root.findViewById(R.id.second_model)
    private val accelerator: RadioGroup = root.findViewById(R.id.accelerator)
    private val keepScreenOn: CheckBox = root.findViewById(R.id.keep_screen_on)
    private val threads = Slider(R.id.threads, R.id.threads_text, 1, Settings.MAX_THREADS)
    private val topK = Slider(R.id.top_k, R.id.top_k_text, 1, Settings.MAX_TOP_K)
    private val threshold =
        Slider(R.id.threshold, R.id.threshold_text, 0, Settings.MAX_THRESHOLD_PERCENT / THRESHOLD_STEP)
    private var entries = emptyList<ModelEntry>()
    private var current = Settings()
    private var kind = AnswerKind.CLASSES

    /** Controls report the program's changes as well; a RadioGroup even reports its old choice. */
    private var updating = false

    var open = false
        set(value) {
            if (value == field) return
            field = value
            onOpen()
        }

    init {
        root.findViewById<View>(R.id.close_settings).setOnClickListener { open = false }
        onSelected(model) { change(current.copy(model = entries[it].id)) }
        onSelected(secondModel) { change(current.copy(secondModel = entries.getOrNull(it - 1)?.id)) }
        accelerator.setOnCheckedChangeListener { _, id ->
            BUTTONS.entries.firstOrNull { it.value == id }?.let { change(current.copy(accelerator = it.key)) }
        }
        keepScreenOn.setOnCheckedChangeListener { _, checked ->
            change(current.copy(camera = current.camera.copy(keepScreenOn = checked)))
        }
        threads.onMove { change(current.copy(threads = it)) }
        topK.onMove { change(if (kind == AnswerKind.TAGS) current.copy(mostTags = it) else current.copy(topK = it)) }
        threshold.onMove { change(current.copy(thresholdPercent = it * THRESHOLD_STEP)) }
    }

    fun showModels(entries: List<ModelEntry>) {
        this.entries = entries
        val names = entries.map { nameOf(it) }
        model.adapter = ArrayAdapter(root.context, R.layout.model_item, names)
        val none = root.context.getString(R.string.no_second_model)
        secondModel.adapter = ArrayAdapter(root.context, R.layout.model_item, listOf(none) + names)
        show(current)
    }

    private fun onSelected(
        spinner: Spinner,
        action: (Int) -> Unit,
    ) {
        spinner.onItemSelectedListener =
            object : AdapterView.OnItemSelectedListener {
                override fun onItemSelected(
                    parent: AdapterView<*>?,
                    view: View?,
                    position: Int,
                    id: Long,
                ) = action(position)

                override fun onNothingSelected(parent: AdapterView<*>?) = Unit
            }
    }

    /** Sets every control to the value in `settings`. */
    fun show(settings: Settings) {
        current = settings
        updating = true
        val index = entries.indexOfFirst { it.id == settings.model }
        if (index >= 0) model.setSelection(index)
        if (entries.isNotEmpty()) secondModel.setSelection(entries.indexOfFirst { it.id == settings.secondModel } + 1)
        accelerator.check(BUTTONS.getValue(settings.accelerator))
        val resources = root.resources
        threads.show(
            settings.threads,
            resources.getQuantityString(R.plurals.threads, settings.threads, settings.threads),
        )
        showAnswers(settings)
        keepScreenOn.isChecked = settings.camera.keepScreenOn
        updating = false
    }

    /** What the model answers decides what its number and its least score are called. */
    private fun showAnswers(settings: Settings) {
        val manifest = entries.firstOrNull { it.id == settings.model }?.model?.manifest
        kind = manifest?.let(AnswerKind::of) ?: AnswerKind.CLASSES
        val most = if (kind == AnswerKind.TAGS) settings.mostTags else settings.topK
        topK.max = if (kind == AnswerKind.TAGS) Settings.ALL_TAGS else Settings.MAX_TOP_K
        topK.show(most, kind.mostText(root.resources, most))
        threshold.show(
            settings.thresholdPercent / THRESHOLD_STEP,
            kind.thresholdText(root.resources, settings.thresholdPercent, manifest?.shownFrom ?: 0f),
        )
    }

    private fun change(settings: Settings) {
        if (updating || settings == current) return
        show(settings)
        onChange(settings)
    }

    private fun nameOf(entry: ModelEntry): String =
        when {
            entry.problem != null -> root.context.getString(R.string.model_broken, breakable(entry.name))
            entry.pushed ->
                root.context.getString(
                    R.string.model_pushed,
                    breakable(entry.name),
                    breakable(entry.folder),
                )
            else -> breakable(entry.name)
        }

    /** A bar of whole numbers, with a line above it that says what the value means. */
    private inner class Slider(
        bar: Int,
        text: Int,
        private val min: Int,
        max: Int,
    ) {
        private val bar: SeekBar = root.findViewById(bar)
        private val text: TextView = root.findViewById(text)

        var max = max
            set(value) {
                field = value
                bar.max = value - min
            }

        init {
            this.max = max
        }

        fun onMove(action: (Int) -> Unit) =
            bar.setOnSeekBarChangeListener(
                object : SeekBar.OnSeekBarChangeListener {
                    override fun onProgressChanged(
                        bar: SeekBar,
                        progress: Int,
                        fromUser: Boolean,
                    ) {
                        if (fromUser) action(progress + min)
                    }

                    override fun onStartTrackingTouch(bar: SeekBar) = Unit

                    override fun onStopTrackingTouch(bar: SeekBar) = Unit
                },
            )

        fun show(
            value: Int,
            meaning: String,
        ) {
            bar.progress = value - min
            text.text = meaning
        }
    }

    private companion object {
        const val THRESHOLD_STEP = 5
        val BUTTONS =
            mapOf(Accelerator.CPU to R.id.cpu, Accelerator.GPU to R.id.gpu, Accelerator.NNAPI to R.id.nnapi)
    }
}
