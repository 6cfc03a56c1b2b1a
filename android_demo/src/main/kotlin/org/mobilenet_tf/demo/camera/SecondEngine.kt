package org.mobilenet_tf.demo.camera

import org.mobilenet_tf.demo.core.ArgbFrame
import org.mobilenet_tf.demo.core.DemoException
import org.mobilenet_tf.demo.core.Orientation
import org.mobilenet_tf.demo.core.Pipeline
import org.mobilenet_tf.demo.core.Reading
import org.mobilenet_tf.demo.core.Readings
import org.mobilenet_tf.demo.core.Selection

/** A model that runs a picture beside the first one, and which of its answers are shown. */
data class SecondModel(
    val settings: RecognizerSettings,
    val selection: Selection,
)

/** What the second model answers: a reading, or the sentence that says why there is none. */
data class SecondAnswer(
    val reading: Reading? = null,
    val problem: String? = null,
)

/** The second model's engine, which stays open from one picture to the next. Only for the inference thread. */
internal class SecondEngine(
    private val openPipeline: (RecognizerSettings) -> Pipeline,
) {
    private var pipeline: Pipeline? = null
    private var opened: RecognizerSettings? = null

    /** Opens the model if it is not the one that is open, and runs the picture. */
    fun run(
        second: SecondModel,
        picture: Pair<ArgbFrame, Orientation>,
    ): SecondAnswer =
        try {
            val open = openFor(second.settings)
            open.head.selection = second.selection
            open.run(picture.first, picture.second)
            answerOf(open, second.settings)
        } catch (error: DemoException) {
            close()
            SecondAnswer(problem = error.message.orEmpty())
        }

    /** The picture's answer again, by another selection; null if no picture was run. */
    fun select(selection: Selection): SecondAnswer? {
        val open = pipeline ?: return null
        open.head.selection = selection
        open.readAgain()
        return answerOf(open, requireNotNull(opened))
    }

    private fun openFor(settings: RecognizerSettings): Pipeline {
        pipeline?.takeIf { opened == settings }?.let { return it }
        close()
        return openPipeline(settings).also {
            pipeline = it
            opened = settings
        }
    }

    private fun answerOf(
        open: Pipeline,
        settings: RecognizerSettings,
    ) = SecondAnswer(Readings.of(settings.model.labels, open))

    fun close() {
        pipeline?.close()
        pipeline = null
        opened = null
    }
}
